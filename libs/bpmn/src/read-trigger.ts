import { type ModdleElement, describe, one, text } from '@millrace/moddle';
import type {
  ConditionTrigger,
  MessageTrigger,
  ReplyTrigger,
  SignalTrigger,
  StartMessageTrigger,
  TimerKind,
  TimerTrigger,
} from './model-triggers.ts';
import type { Expression } from './model.ts';
import { extension } from './moddle.ts';
import { type Reading, optionalDuration, readExpression, requiredExpression } from './reading.ts';

/** The message an element waits for. `holder` has the `messageRef`: the event definition, or the receive task itself. */
export function readMessage(reading: Reading, owner: ModdleElement, holder: ModdleElement): MessageTrigger | undefined {
  const message = readMessageRef(reading, owner, holder);
  if (message === undefined) return undefined;
  const name = readMessageName(reading, owner, message);
  const subscription = extension(message, 'zeebe:Subscription');
  if (subscription === undefined) {
    const wrong = `expected the message of ${describe(owner)} to have a zeebe:subscription with a correlationKey`;
    reading.problems.error(owner, 'message', wrong);
    return undefined;
  }
  const correlationKey = requiredExpression(reading, owner, subscription, 'correlationKey', 'message');
  return name === undefined || correlationKey === undefined ? undefined : { kind: 'message', name, correlationKey };
}

export function readStartMessage(
  reading: Reading,
  owner: ModdleElement,
  definition: ModdleElement,
): StartMessageTrigger | undefined {
  const message = readMessageRef(reading, owner, definition);
  if (message === undefined) return undefined;
  const name = readMessageName(reading, owner, message);
  if (name?.kind === 'feel') {
    const wrong = `expected the message name of ${describe(owner)} to be a constant: a FEEL expression is not supported here yet`;
    reading.problems.error(owner, 'not-supported', wrong);
  }
  return name?.kind === 'literal' ? { kind: 'startMessage', name: name.value } : undefined;
}

function readMessageRef(reading: Reading, owner: ModdleElement, holder: ModdleElement): ModdleElement | undefined {
  const message = one(holder, 'messageRef');
  if (message === undefined && !reading.problems.has(owner, 'reference')) {
    reading.problems.error(owner, 'message', `expected ${describe(owner)} to refer to a message`);
  }
  return message;
}

function readMessageName(reading: Reading, owner: ModdleElement, message: ModdleElement): Expression | undefined {
  const name = text(message, 'name');
  if (name !== undefined) return readExpression(reading, owner, name);
  reading.problems.error(owner, 'message', `expected the message of ${describe(owner)} to have a name`);
  return undefined;
}

/** `millrace:receive`; undefined without a problem when the element has none. */
export function readReply(reading: Reading, owner: ModdleElement): ReplyTrigger | undefined {
  const receive = extension(owner, 'millrace:Receive');
  if (receive === undefined) return undefined;
  const topic = text(receive, 'topic');
  const keyName = text(receive, 'key');
  const timeout = optionalDuration(reading, owner, receive, 'timeout', 'receive');
  if (topic === undefined || !/^[\w.-]{1,200}$/.test(topic)) {
    const wrong = `expected the millrace:receive of ${describe(owner)} to have a topic as engine.receive.documents.v1, found "${topic ?? ''}"`;
    reading.problems.error(owner, 'receive', wrong);
  }
  if (keyName === undefined || !/^[\p{L}_][\p{L}\p{N}_]*$/u.test(keyName) || keyName === '__proto__') {
    const wrong = `expected the key of the millrace:receive of ${describe(owner)} to be a variable name, found "${keyName ?? ''}"`;
    reading.problems.error(owner, 'receive', wrong);
  }
  if (topic === undefined || keyName === undefined) return undefined;
  return { kind: 'reply', topic, keyName, ...(timeout && { timeout }) };
}

/** The signal that an event waits for or throws. */
export function readSignalName(
  reading: Reading,
  owner: ModdleElement,
  definition: ModdleElement,
): Expression | undefined {
  const signal = one(definition, 'signalRef');
  const name = signal && text(signal, 'name');
  if (name !== undefined) return readExpression(reading, owner, name);
  if (reading.problems.has(owner, 'reference')) return undefined;
  const wrong = `expected ${describe(owner)} to refer to a signal with a name`;
  reading.problems.error(owner, 'signal', wrong);
  return undefined;
}

export function readSignal(
  reading: Reading,
  owner: ModdleElement,
  definition: ModdleElement,
): SignalTrigger | undefined {
  const name = readSignalName(reading, owner, definition);
  return name && { kind: 'signal', name };
}

export function readConditionTrigger(
  reading: Reading,
  owner: ModdleElement,
  definition: ModdleElement,
): ConditionTrigger | undefined {
  const source = one(definition, 'condition');
  const body = (source && text(source, 'body')) ?? '';
  const expression = readExpression(reading, owner, body);
  if (expression === undefined) return undefined;
  if (expression.kind === 'literal') {
    const wrong = `expected the condition of ${describe(owner)} to be a FEEL expression that starts with "=", found "${body}"`;
    reading.problems.error(owner, 'condition', wrong);
    return undefined;
  }
  const filter = extension(definition, 'zeebe:ConditionalFilter') ?? extension(owner, 'zeebe:ConditionalFilter');
  const variableNames = filter && namesIn(text(filter, 'variableNames'));
  const variableEvents = filter && readVariableEvents(reading, owner, filter);
  return {
    kind: 'condition',
    condition: expression.text,
    ...(variableNames && { variableNames }),
    ...(variableEvents && { variableEvents }),
  };
}

/** Undefined for both, which is what no filter means. */
function readVariableEvents(
  reading: Reading,
  owner: ModdleElement,
  filter: ModdleElement,
): ConditionTrigger['variableEvents'] {
  const [first, ...more] = new Set(namesIn(text(filter, 'variableEvents')));
  if (first === undefined) return undefined;
  if ([first, ...more].some((event) => event !== 'create' && event !== 'update')) {
    const wrong = `expected the variableEvents of ${describe(owner)} to be create, update or both, found "${[first, ...more].join(', ')}"`;
    reading.problems.error(owner, 'condition', wrong);
    return undefined;
  }
  return more.length > 0 ? undefined : (first as 'create' | 'update');
}

function namesIn(list: string | undefined): string[] | undefined {
  const names = (list ?? '').split(',').map((name) => name.trim());
  return list === undefined ? undefined : names.filter((name) => name !== '');
}

const timerProperties = [
  ['timeDate', 'date'],
  ['timeDuration', 'duration'],
  ['timeCycle', 'cycle'],
] as const;

export function readTimer(
  reading: Reading,
  owner: ModdleElement,
  definition: ModdleElement,
  allowed: readonly TimerKind[],
): TimerTrigger | undefined {
  const given = timerProperties.filter(([property]) => one(definition, property) !== undefined);
  const [first] = given;
  if (first === undefined || given.length > 1) {
    const wrong = `expected ${describe(owner)} to have one of timeDate, timeDuration and timeCycle, found ${given.length}`;
    reading.problems.error(owner, 'timer', wrong);
    return undefined;
  }
  const [property, kind] = first;
  if (!allowed.includes(kind)) {
    const wrong = `expected the timer of ${describe(owner)} to be a ${allowed.join(' or a ')}, found a ${kind}`;
    reading.problems.error(owner, 'timer', wrong);
    return undefined;
  }
  const source = one(definition, property);
  const body = source === undefined ? undefined : text(source, 'body');
  if (body === undefined) {
    reading.problems.error(owner, 'timer', `expected the ${property} of ${describe(owner)} to say when`);
    return undefined;
  }
  const expression = readExpression(reading, owner, body);
  if (expression === undefined) return undefined;
  const wrong = expression.kind === 'literal' ? reading.checks.checkTimer(kind, expression.value) : undefined;
  if (wrong !== undefined) reading.problems.error(owner, 'timer', `${describe(owner)}: ${wrong}`);
  return { kind: 'timer', timer: kind, expression };
}

/** Errors and escalations have a code, in an element that the event refers to. */
const codes = {
  error: { reference: 'errorRef', code: 'errorCode', rule: 'error-code' },
  escalation: { reference: 'escalationRef', code: 'escalationCode', rule: 'escalation-code' },
} as const;

export type Coded = keyof typeof codes;

/** Of a catching event: no reference catches every one, a reference must have a constant code. */
export function readCaughtCode(
  reading: Reading,
  owner: ModdleElement,
  definition: ModdleElement,
  kind: Coded,
): { readonly code?: string } | undefined {
  const { reference, code: property, rule } = codes[kind];
  const referred = one(definition, reference);
  if (referred === undefined) return {};
  const code = text(referred, property);
  if (code === undefined) {
    const wrong = `expected the ${kind} of ${describe(owner)} to have an ${kind} code; without an ${kind} it catches all of them`;
    reading.problems.error(owner, rule, wrong);
    return undefined;
  }
  if (code.startsWith('=')) {
    const wrong = `expected the ${kind} code of ${describe(owner)} to be a constant, found "${code}"`;
    reading.problems.error(owner, rule, wrong);
    return undefined;
  }
  return { code };
}

/** Of a throwing event: the code may be computed. */
export function readThrownCode(
  reading: Reading,
  owner: ModdleElement,
  definition: ModdleElement,
  kind: Coded,
): Expression | undefined {
  const { reference, code: property, rule } = codes[kind];
  const referred = one(definition, reference);
  const code = referred === undefined ? undefined : text(referred, property);
  if (code !== undefined) return readExpression(reading, owner, code);
  if (reading.problems.has(owner, 'reference')) return undefined;
  reading.problems.error(owner, rule, `expected ${describe(owner)} to refer to an ${kind} with an ${kind} code`);
  return undefined;
}
