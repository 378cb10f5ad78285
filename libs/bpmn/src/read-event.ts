import { type ModdleElement, describe, one } from '@millrace/moddle';
import type {
  AttachedTrigger,
  ErrorTrigger,
  EscalationTrigger,
  MessageTrigger,
  MultipleTrigger,
  ReplyTrigger,
} from './model-triggers.ts';
import type { BoundaryEvent, EndEvent, IntermediateCatchEvent, IntermediateThrowEvent, StartEvent } from './model.ts';
import type { JobAction, MessageAction, MultipleAction, NoAction, PublishAction } from './model-actions.ts';
import { extension } from './moddle.ts';
import { readSending } from './read-action.ts';
import { handlersOf, readCompensate } from './read-compensation.ts';
import {
  type Coded,
  readCaughtCode,
  readConditionTrigger,
  readMessage,
  readReply,
  readSignal,
  readSignalName,
  readStartMessage,
  readThrownCode,
  readTimer,
} from './read-trigger.ts';
import { readLinkName } from './read-link.ts';
import { eventDefinitions, readMultipleAction, readMultipleTrigger } from './read-multiple.ts';
import type { NodeBase } from './read-node.ts';
import type { Reading } from './reading.ts';

export function readStartEvent(reading: Reading, element: ModdleElement, base: NodeBase): StartEvent | undefined {
  const definitions = eventDefinitions(element);
  if (element.$parent?.get('triggeredByEvent') === true) {
    const interrupting = element.get('isInterrupting') !== false;
    const trigger = readAttachedTriggers(reading, element, interrupting);
    return trigger && { ...base, kind: 'startEvent', trigger, interrupting };
  }
  const [first] = definitions;
  if (first === undefined) return { ...base, kind: 'startEvent', trigger: { kind: 'none' } };
  if (definitions.length > 1 && element.get('parallelMultiple') === true) {
    const wrong = `${describe(element)}: a parallel multiple start event of a process is not supported, since nothing says which events belong together before there is an instance; a parallel event-based gateway that starts the process waits for all`;
    reading.problems.error(element, 'not-supported', wrong);
    return undefined;
  }
  const read = (definition: ModdleElement) => readStartTrigger(reading, element, definition);
  const trigger = definitions.length > 1 ? readMultipleTrigger(reading, element, read) : read(first);
  return trigger && { ...base, kind: 'startEvent', trigger };
}

/** Of a process. */
function readStartTrigger(
  reading: Reading,
  element: ModdleElement,
  definition: ModdleElement,
): StartEvent['trigger'] | undefined {
  switch (definition.$type) {
    case 'bpmn:MessageEventDefinition':
      return readStartMessage(reading, element, definition);
    case 'bpmn:TimerEventDefinition':
      // A duration has nothing to count from: a definition waits for ever.
      return readTimer(reading, element, definition, ['date', 'cycle']);
    case 'bpmn:SignalEventDefinition':
      return readSignal(reading, element, definition);
    case 'bpmn:ConditionalEventDefinition': {
      const trigger = readConditionTrigger(reading, element, definition);
      if (trigger?.variableEvents === 'update') {
        const wrong = `expected ${describe(element)}, which starts the process, not to wait for updates alone: its variables are new`;
        reading.problems.error(element, 'condition', wrong);
      }
      return trigger;
    }
    default:
      return refuse(reading, element, definition);
  }
}

export function readEndEvent(reading: Reading, element: ModdleElement, base: NodeBase): EndEvent | undefined {
  const action = readThrownBy<EndEvent['action']>(reading, element, (definition) =>
    readEndAction(reading, element, definition),
  );
  return action && { ...base, kind: 'endEvent', action };
}

function readEndAction(
  reading: Reading,
  element: ModdleElement,
  definition: ModdleElement | undefined,
): EndEvent['action'] | undefined {
  switch (definition?.$type) {
    case 'bpmn:CancelEventDefinition':
      return { kind: 'cancel' };
    case 'bpmn:TerminateEventDefinition':
      return { kind: 'terminate' };
    case 'bpmn:ErrorEventDefinition': {
      const code = definition && readThrownCode(reading, element, definition, 'error');
      return code && { kind: 'error', code };
    }
    default:
      return readThrowAction(reading, element, definition);
  }
}

export function readIntermediateThrowEvent(
  reading: Reading,
  element: ModdleElement,
  base: NodeBase,
): IntermediateThrowEvent | undefined {
  const action = readThrownBy<IntermediateThrowEvent['action']>(reading, element, (definition) => {
    if (definition?.$type !== 'bpmn:LinkEventDefinition') return readThrowAction(reading, element, definition);
    const name = readLinkName(reading, element, definition);
    return name === undefined ? undefined : { kind: 'link', name };
  });
  return action && { ...base, kind: 'intermediateThrowEvent', action };
}

/** What an event throws: nothing, one thing, or several. */
function readThrownBy<Action extends EndEvent['action'] | IntermediateThrowEvent['action']>(
  reading: Reading,
  element: ModdleElement,
  readOne: (definition: ModdleElement | undefined) => Action | undefined,
): Action | MultipleAction | undefined {
  const definitions = eventDefinitions(element);
  return definitions.length > 1 ? readMultipleAction(reading, element, readOne) : readOne(definitions[0]);
}

/** What an end event and an intermediate one have alike. */
function readThrowAction(reading: Reading, element: ModdleElement, definition: ModdleElement | undefined) {
  switch (definition?.$type) {
    case undefined:
    case 'bpmn:MessageEventDefinition':
      return readThrow(reading, element, definition);
    case 'bpmn:CompensateEventDefinition':
      return definition && readCompensate(definition);
    case 'bpmn:SignalEventDefinition': {
      const name = definition && readSignalName(reading, element, definition);
      return name && ({ kind: 'signal', name } as const);
    }
    case 'bpmn:EscalationEventDefinition': {
      const code = definition && readThrownCode(reading, element, definition, 'escalation');
      return code && ({ kind: 'escalation', code } as const);
    }
    default:
      return refuse(reading, element, definition);
  }
}

export function readIntermediateCatchEvent(
  reading: Reading,
  element: ModdleElement,
  base: NodeBase,
): IntermediateCatchEvent | undefined {
  const definitions = eventDefinitions(element);
  const read = (definition: ModdleElement | undefined) => readCatchTrigger(reading, element, definition);
  const trigger = definitions.length > 1 ? readMultipleTrigger(reading, element, read) : read(definitions[0]);
  return trigger && { ...base, kind: 'intermediateCatchEvent', trigger };
}

function readCatchTrigger(
  reading: Reading,
  element: ModdleElement,
  definition: ModdleElement | undefined,
): IntermediateCatchEvent['trigger'] | undefined {
  switch (definition?.$type) {
    case 'bpmn:TimerEventDefinition':
      return definition && readTimer(reading, element, definition, ['date', 'duration']);
    case undefined:
    case 'bpmn:MessageEventDefinition':
      return readWait(reading, element, definition);
    case 'bpmn:SignalEventDefinition':
      return definition && readSignal(reading, element, definition);
    case 'bpmn:ConditionalEventDefinition':
      return definition && readConditionTrigger(reading, element, definition);
    case 'bpmn:LinkEventDefinition': {
      const name = definition && readLinkName(reading, element, definition);
      return name === undefined ? undefined : { kind: 'link', name };
    }
    default:
      return refuse(reading, element, definition);
  }
}

export function readBoundaryEvent(reading: Reading, element: ModdleElement, base: NodeBase): BoundaryEvent | undefined {
  const interrupting = element.get('cancelActivity') !== false;
  const trigger = readAttachedTriggers(reading, element, interrupting);
  const attachedTo = one(element, 'attachedToRef')?.id;
  if (attachedTo === undefined) {
    if (reading.problems.has(element, 'reference')) return undefined;
    reading.problems.error(element, 'boundary', `expected ${describe(element)} to be attached to an activity`);
    return undefined;
  }
  if (trigger?.kind === 'compensation') {
    const [handler] = handlersOf(element);
    // What it is attached to is over when it comes.
    const event = { ...base, kind: 'boundaryEvent', attachedTo, interrupting: false, trigger } as const;
    return handler === undefined ? event : { ...event, handler };
  }
  return trigger && { ...base, kind: 'boundaryEvent', attachedTo, interrupting, trigger };
}

function readAttachedTriggers(
  reading: Reading,
  element: ModdleElement,
  interrupting: boolean,
): AttachedTrigger | MultipleTrigger | undefined {
  const definitions = eventDefinitions(element);
  const read = (definition: ModdleElement | undefined) =>
    readAttachedTrigger(reading, element, definition, interrupting);
  return definitions.length > 1 ? readMultipleTrigger(reading, element, read) : read(definitions[0]);
}

/** What the boundary of an activity and the start of an event sub-process wait for. */
function readAttachedTrigger(
  reading: Reading,
  element: ModdleElement,
  definition: ModdleElement | undefined,
  interrupting: boolean,
): AttachedTrigger | undefined {
  switch (definition?.$type) {
    case undefined:
      reading.problems.error(
        element,
        'event-definition',
        `expected ${describe(element)} to be a message, timer, signal, conditional, error or escalation event`,
      );
      return undefined;
    case 'bpmn:MessageEventDefinition':
      return definition && readMessage(reading, element, definition);
    case 'bpmn:TimerEventDefinition':
      // An interrupting event fires once, then its activity is gone.
      return (
        definition &&
        readTimer(reading, element, definition, interrupting ? ['date', 'duration'] : ['date', 'duration', 'cycle'])
      );
    case 'bpmn:SignalEventDefinition':
      return definition && readSignal(reading, element, definition);
    case 'bpmn:ConditionalEventDefinition':
      return definition && readConditionTrigger(reading, element, definition);
    case 'bpmn:ErrorEventDefinition':
      if (!interrupting) {
        reading.problems.error(
          element,
          'boundary',
          `expected ${describe(element)} to be interrupting: BPMN has no other error event`,
        );
      }
      return definition && readCoded(reading, element, definition, 'error');
    case 'bpmn:EscalationEventDefinition':
      return definition && readCoded(reading, element, definition, 'escalation');
    case 'bpmn:CompensateEventDefinition':
      return { kind: 'compensation' };
    case 'bpmn:CancelEventDefinition':
      if (element.$type === 'bpmn:BoundaryEvent') return { kind: 'cancel' };
      return refuse(reading, element, definition);
    default:
      return refuse(reading, element, definition);
  }
}

function readCoded(
  reading: Reading,
  element: ModdleElement,
  definition: ModdleElement,
  kind: Coded,
): ErrorTrigger | EscalationTrigger | undefined {
  const caught = readCaughtCode(reading, element, definition, kind);
  return caught && { kind, ...caught };
}

/** What a catching event or a receive task waits for: a message, or a record on a topic by `millrace:receive`; not both.
 *  `holder` is who would have the `messageRef`. */
export function readWait(
  reading: Reading,
  element: ModdleElement,
  holder: ModdleElement | undefined,
): MessageTrigger | ReplyTrigger | undefined {
  const hasMessage = holder !== undefined && one(holder, 'messageRef') !== undefined;
  const hasReceive = extension(element, 'millrace:Receive') !== undefined;
  if (hasMessage && hasReceive) {
    const wrong = `expected ${describe(element)} to have either a message or a millrace:receive, found both`;
    reading.problems.error(element, 'receive', wrong);
    return undefined;
  }
  if (hasReceive) return readReply(reading, element);
  if (holder !== undefined) return readMessage(reading, element, holder);
  const wrong = `expected ${describe(element)} to wait for something: a message, a timer, or a topic by millrace:receive`;
  reading.problems.error(element, 'event-definition', wrong);
  return undefined;
}

function readThrow(
  reading: Reading,
  element: ModdleElement,
  definition: ModdleElement | undefined,
): JobAction | PublishAction | MessageAction | NoAction | undefined {
  const before = reading.problems.all().length;
  const action = readSending(reading, element);
  if (action !== undefined) return action;
  if (reading.problems.all().length > before) return undefined;
  if (definition === undefined) return { kind: 'none' };
  const wrong = `expected ${describe(element)} to say how its message is sent: by a zeebe:taskDefinition, a millrace:publish or a millrace:message`;
  reading.problems.error(element, 'message', wrong);
  return undefined;
}

function refuse(reading: Reading, element: ModdleElement, definition: ModdleElement | undefined): undefined {
  const kind = /^\w+:(\w+)EventDefinition$/.exec(definition?.$type ?? '')?.[1] ?? 'such';
  const wrong = `${describe(element)}: ${kind.toLowerCase()} events are not supported here yet`;
  reading.problems.error(element, 'not-supported', wrong);
  return undefined;
}
