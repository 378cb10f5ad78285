import { type ModdleElement, describe, many, one } from '@millrace/moddle';
import type {
  AttachedTrigger,
  BoundaryEvent,
  EndEvent,
  ErrorTrigger,
  EscalationTrigger,
  IntermediateCatchEvent,
  IntermediateThrowEvent,
  JobAction,
  MessageAction,
  MessageTrigger,
  NoAction,
  PublishAction,
  ReplyTrigger,
  StartEvent,
} from './model.ts';
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
import type { NodeBase } from './read-node.ts';
import type { Reading } from './reading.ts';

export function readStartEvent(reading: Reading, element: ModdleElement, base: NodeBase): StartEvent | undefined {
  const definition = eventDefinition(reading, element);
  if (definition === 'several') return undefined;
  if (element.$parent?.get('triggeredByEvent') === true) return readInnerStart(reading, element, definition, base);
  if (definition === undefined) return { ...base, kind: 'startEvent', trigger: { kind: 'none' } };
  switch (definition.$type) {
    case 'bpmn:MessageEventDefinition': {
      const trigger = readStartMessage(reading, element, definition);
      return trigger && { ...base, kind: 'startEvent', trigger };
    }
    case 'bpmn:TimerEventDefinition': {
      // A duration has nothing to count from: a definition waits for ever.
      const trigger = readTimer(reading, element, definition, ['date', 'cycle']);
      return trigger && { ...base, kind: 'startEvent', trigger };
    }
    case 'bpmn:SignalEventDefinition': {
      const trigger = readSignal(reading, element, definition);
      return trigger && { ...base, kind: 'startEvent', trigger };
    }
    case 'bpmn:ConditionalEventDefinition': {
      const trigger = readConditionTrigger(reading, element, definition);
      if (trigger?.variableEvents === 'update') {
        const wrong = `expected ${describe(element)}, which starts the process, not to wait for updates alone: its variables are new`;
        reading.problems.error(element, 'condition', wrong);
      }
      return trigger && { ...base, kind: 'startEvent', trigger };
    }
    default:
      return refuse(reading, element, definition);
  }
}

/** Of an event sub-process. */
function readInnerStart(
  reading: Reading,
  element: ModdleElement,
  definition: ModdleElement | undefined,
  base: NodeBase,
): StartEvent | undefined {
  const interrupting = element.get('isInterrupting') !== false;
  const trigger = readAttachedTrigger(reading, element, definition, interrupting);
  return trigger && { ...base, kind: 'startEvent', trigger, interrupting };
}

export function readEndEvent(reading: Reading, element: ModdleElement, base: NodeBase): EndEvent | undefined {
  const definition = eventDefinition(reading, element);
  if (definition === 'several') return undefined;
  switch (definition?.$type) {
    case undefined:
    case 'bpmn:MessageEventDefinition': {
      const action = readThrow(reading, element, definition);
      return action && { ...base, kind: 'endEvent', action };
    }
    case 'bpmn:CompensateEventDefinition':
      return definition && { ...base, kind: 'endEvent', action: readCompensate(definition) };
    case 'bpmn:CancelEventDefinition':
      return { ...base, kind: 'endEvent', action: { kind: 'cancel' } };
    case 'bpmn:TerminateEventDefinition':
      return { ...base, kind: 'endEvent', action: { kind: 'terminate' } };
    case 'bpmn:ErrorEventDefinition': {
      const code = definition && readThrownCode(reading, element, definition, 'error');
      return code && { ...base, kind: 'endEvent', action: { kind: 'error', code } };
    }
    case 'bpmn:SignalEventDefinition': {
      const name = definition && readSignalName(reading, element, definition);
      return name && { ...base, kind: 'endEvent', action: { kind: 'signal', name } };
    }
    case 'bpmn:EscalationEventDefinition': {
      const code = definition && readThrownCode(reading, element, definition, 'escalation');
      return code && { ...base, kind: 'endEvent', action: { kind: 'escalation', code } };
    }
    default:
      return refuse(reading, element, definition);
  }
}

export function readIntermediateThrowEvent(
  reading: Reading,
  element: ModdleElement,
  base: NodeBase,
): IntermediateThrowEvent | undefined {
  const definition = eventDefinition(reading, element);
  if (definition === 'several') return undefined;
  if (definition?.$type === 'bpmn:LinkEventDefinition') {
    const name = readLinkName(reading, element, definition);
    return name === undefined ? undefined : { ...base, kind: 'intermediateThrowEvent', action: { kind: 'link', name } };
  }
  if (definition?.$type === 'bpmn:SignalEventDefinition') {
    const name = readSignalName(reading, element, definition);
    return name && { ...base, kind: 'intermediateThrowEvent', action: { kind: 'signal', name } };
  }
  if (definition?.$type === 'bpmn:CompensateEventDefinition') {
    return { ...base, kind: 'intermediateThrowEvent', action: readCompensate(definition) };
  }
  if (definition?.$type === 'bpmn:EscalationEventDefinition') {
    const code = readThrownCode(reading, element, definition, 'escalation');
    return code && { ...base, kind: 'intermediateThrowEvent', action: { kind: 'escalation', code } };
  }
  if (definition !== undefined && definition.$type !== 'bpmn:MessageEventDefinition') {
    return refuse(reading, element, definition);
  }
  const action = readThrow(reading, element, definition);
  return action && { ...base, kind: 'intermediateThrowEvent', action };
}

export function readIntermediateCatchEvent(
  reading: Reading,
  element: ModdleElement,
  base: NodeBase,
): IntermediateCatchEvent | undefined {
  const definition = eventDefinition(reading, element);
  if (definition === 'several') return undefined;
  switch (definition?.$type) {
    case 'bpmn:TimerEventDefinition': {
      const trigger = definition && readTimer(reading, element, definition, ['date', 'duration']);
      return trigger && { ...base, kind: 'intermediateCatchEvent', trigger };
    }
    case undefined:
    case 'bpmn:MessageEventDefinition': {
      const trigger = readWait(reading, element, definition);
      return trigger && { ...base, kind: 'intermediateCatchEvent', trigger };
    }
    case 'bpmn:SignalEventDefinition': {
      const trigger = definition && readSignal(reading, element, definition);
      return trigger && { ...base, kind: 'intermediateCatchEvent', trigger };
    }
    case 'bpmn:ConditionalEventDefinition': {
      const trigger = definition && readConditionTrigger(reading, element, definition);
      return trigger && { ...base, kind: 'intermediateCatchEvent', trigger };
    }
    case 'bpmn:LinkEventDefinition': {
      const name = definition && readLinkName(reading, element, definition);
      return name === undefined
        ? undefined
        : { ...base, kind: 'intermediateCatchEvent', trigger: { kind: 'link', name } };
    }
    default:
      return refuse(reading, element, definition);
  }
}

export function readBoundaryEvent(reading: Reading, element: ModdleElement, base: NodeBase): BoundaryEvent | undefined {
  const interrupting = element.get('cancelActivity') !== false;
  const definition = eventDefinition(reading, element);
  const trigger =
    definition === 'several' ? undefined : readAttachedTrigger(reading, element, definition, interrupting);
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

function eventDefinition(reading: Reading, element: ModdleElement): ModdleElement | undefined | 'several' {
  const definitions = [...many(element, 'eventDefinitions'), ...many(element, 'eventDefinitionRef')];
  if (definitions.length <= 1) return definitions[0];
  reading.problems.error(
    element,
    'not-supported',
    `${describe(element)} has several event definitions, which is not supported yet`,
  );
  return 'several';
}

function refuse(reading: Reading, element: ModdleElement, definition: ModdleElement | undefined): undefined {
  const kind = /^\w+:(\w+)EventDefinition$/.exec(definition?.$type ?? '')?.[1] ?? 'such';
  const wrong = `${describe(element)}: ${kind.toLowerCase()} events are not supported here yet`;
  reading.problems.error(element, 'not-supported', wrong);
  return undefined;
}
