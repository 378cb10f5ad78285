import { type ModdleElement, describe, many, one } from '@millrace/moddle';
import type { ImplicitThrow } from './model-loops.ts';
import { eventDefinitions } from './read-multiple.ts';
import { readSignalName, readThrownCode } from './read-trigger.ts';
import { type Reading, readExpression } from './reading.ts';

/** `behavior` of a multi-instance: the events that it throws on its way (BPMN 2.0.2 §10.3.8, table 10.29). By default none. */
export function readBehavior(reading: Reading, owner: ModdleElement, loop: ModdleElement): ImplicitThrow[] {
  switch (loop.get('behavior')) {
    case 'None':
      return readReferred(reading, owner, loop, 'noneBehaviorEventRef', 'each');
    case 'One':
      return readReferred(reading, owner, loop, 'oneBehaviorEventRef', 'first');
    case 'Complex':
      return many(loop, 'complexBehaviorDefinition').flatMap((definition) => readComplex(reading, owner, definition));
    default:
      return [];
  }
}

function readReferred(
  reading: Reading,
  owner: ModdleElement,
  loop: ModdleElement,
  property: string,
  when: ImplicitThrow['when'],
): ImplicitThrow[] {
  const definition = one(loop, property);
  const action = definition && readAction(reading, owner, definition);
  if (definition === undefined && !reading.problems.has(owner, 'reference')) {
    const wrong = `expected the multi-instance of ${describe(owner)} to name the event definition that it throws, by ${property}`;
    reading.problems.error(owner, 'loop', wrong);
  }
  return action === undefined ? [] : [{ when, action }];
}

function readComplex(reading: Reading, owner: ModdleElement, definition: ModdleElement): ImplicitThrow[] {
  const source = one(definition, 'condition');
  const body = source?.get('body');
  const condition = typeof body === 'string' ? readExpression(reading, owner, body.trim()) : undefined;
  const event = one(definition, 'event');
  if (condition?.kind !== 'feel' || event === undefined) {
    const wrong = `expected each complexBehaviorDefinition of ${describe(owner)} to have an event, and a condition that starts with "="`;
    reading.problems.error(owner, 'loop', wrong);
    return [];
  }
  const actions = eventDefinitions(event).map((one) => readAction(reading, owner, one));
  return actions.flatMap((action) =>
    action === undefined ? [] : { when: 'each' as const, condition: condition.text, action },
  );
}

function readAction(
  reading: Reading,
  owner: ModdleElement,
  definition: ModdleElement,
): ImplicitThrow['action'] | undefined {
  switch (definition.$type) {
    case 'bpmn:SignalEventDefinition': {
      const name = readSignalName(reading, owner, definition);
      return name && { kind: 'signal', name };
    }
    case 'bpmn:EscalationEventDefinition': {
      const code = readThrownCode(reading, owner, definition, 'escalation');
      return code && { kind: 'escalation', code };
    }
    case 'bpmn:ErrorEventDefinition': {
      const code = readThrownCode(reading, owner, definition, 'error');
      return code && { kind: 'error', code };
    }
    default: {
      const kind = definition.$type.replace(/^bpmn:|EventDefinition$/g, '').toLowerCase();
      const wrong = `${describe(owner)}: a multi-instance that throws a ${kind} event is not supported; signals, escalations and errors are`;
      reading.problems.error(owner, 'not-supported', wrong);
      return undefined;
    }
  }
}
