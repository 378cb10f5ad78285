import { type ModdleElement, describe, many, one, text } from '@millrace/moddle';
import type {
  DecisionAction,
  JobAction,
  MessageAction,
  PublishAction,
  PublishHeader,
  ScriptAction,
} from './model-actions.ts';
import type { Expression } from './model.ts';
import { extension } from './moddle.ts';
import { readBinding } from './read-binding.ts';
import {
  type Reading,
  optionalDuration,
  optionalExpression,
  readExpression,
  readTaskHeaders,
  requiredExpression,
} from './reading.ts';

/** Zeebe's default. */
const RETRIES_DEFAULT: Expression = { kind: 'literal', value: '3' };

/** `zeebe:taskDefinition`; undefined without a problem when the element has none. */
export function readJob(reading: Reading, owner: ModdleElement): JobAction | undefined {
  const definition = extension(owner, 'zeebe:TaskDefinition');
  const options = extension(owner, 'millrace:Job');
  if (definition === undefined) {
    if (options !== undefined) {
      reading.problems.error(
        owner,
        'job',
        `expected ${describe(owner)}, which has a millrace:job, to have a zeebe:taskDefinition`,
      );
    }
    return undefined;
  }
  const type = requiredExpression(reading, owner, definition, 'type', 'job');
  const retries = readRetries(reading, owner, definition);
  const timeout = options && optionalDuration(reading, owner, options, 'timeout', 'job');
  const retryBackoff = options && optionalDuration(reading, owner, options, 'retryBackoff', 'job');
  if (type === undefined) return undefined;
  return {
    kind: 'job',
    type,
    retries,
    headers: readTaskHeaders(owner),
    ...(timeout && { timeout }),
    ...(retryBackoff && { retryBackoff }),
  };
}

export function readRetries(reading: Reading, owner: ModdleElement, definition: ModdleElement): Expression {
  const retries = optionalExpression(reading, owner, definition, 'retries') ?? RETRIES_DEFAULT;
  if (retries.kind === 'literal' && !/^\d{1,6}$/.test(retries.value)) {
    const wrong = `expected the retries of ${describe(owner)} to be a whole number, found "${retries.value}"`;
    reading.problems.error(owner, 'job', wrong);
  }
  return retries;
}

/** `millrace:publish`; undefined without a problem when the element has none. */
function readPublish(reading: Reading, owner: ModdleElement): PublishAction | undefined {
  const publish = extension(owner, 'millrace:Publish');
  if (publish === undefined) return undefined;
  const topic = requiredExpression(reading, owner, publish, 'topic', 'publish');
  const key = optionalExpression(reading, owner, publish, 'key');
  const payload = optionalExpression(reading, owner, publish, 'payload');
  const headers = many(publish, 'headers').map((header) => readHeader(reading, owner, header));
  if (topic?.kind === 'literal' && !/^[\w.-]{1,249}$/.test(topic.value)) {
    const wrong = `expected ${describe(owner)} to publish to a topic that Kafka can have, found "${topic.value}"`;
    reading.problems.error(owner, 'publish', wrong);
  }
  if (topic === undefined) return undefined;
  return {
    kind: 'publish',
    topic,
    headers: headers.filter((header) => header !== undefined),
    ...(key && { key }),
    ...(payload && { payload }),
  };
}

function readHeader(reading: Reading, owner: ModdleElement, header: ModdleElement): PublishHeader | undefined {
  const name = text(header, 'name');
  const value = requiredExpression(reading, owner, header, 'value', 'publish');
  if (name === undefined) {
    reading.problems.error(owner, 'publish', `expected each millrace:header of ${describe(owner)} to have a name`);
  }
  return name === undefined || value === undefined ? undefined : { name, value };
}

/** `millrace:message`; the name is that of the message the event refers to, when it does not say another. */
function readMessageAction(reading: Reading, owner: ModdleElement): MessageAction | undefined {
  const message = extension(owner, 'millrace:Message');
  if (message === undefined) return undefined;
  const [definition = owner] = many(owner, 'eventDefinitions');
  const referred = one(definition, 'messageRef');
  const source = text(message, 'name') ?? (referred && text(referred, 'name'));
  const name = source === undefined ? undefined : readExpression(reading, owner, source);
  if (source === undefined) {
    const wrong = `expected the millrace:message of ${describe(owner)} to have a name, or its event a message with one`;
    reading.problems.error(owner, 'message', wrong);
  }
  const correlationKey = optionalExpression(reading, owner, message, 'correlationKey');
  const timeToLive = optionalDuration(reading, owner, message, 'timeToLive', 'message');
  return (
    name && {
      kind: 'message',
      name,
      ...(correlationKey && { correlationKey }),
      ...(timeToLive && { timeToLive }),
    }
  );
}

/** `zeebe:calledDecision`; undefined without a problem when the element has none. */
export function readDecision(reading: Reading, owner: ModdleElement): DecisionAction | undefined {
  const called = extension(owner, 'zeebe:CalledDecision');
  if (called === undefined) return undefined;
  const decisionId = requiredExpression(reading, owner, called, 'decisionId', 'decision');
  const resultVariable = text(called, 'resultVariable');
  const binding = readBinding(reading, owner, called, 'decision');
  if (
    resultVariable === undefined ||
    !/^[\p{L}_][\p{L}\p{N}_]*$/u.test(resultVariable) ||
    resultVariable === '__proto__'
  ) {
    const wrong = `expected the decision of ${describe(owner)} to name its resultVariable, found "${resultVariable ?? ''}"`;
    reading.problems.error(owner, 'decision', wrong);
    return undefined;
  }
  if (binding === undefined) return undefined;
  if (binding.kind === 'deployment' && decisionId?.kind === 'feel') {
    const wrong = `expected the decision of ${describe(owner)}, which is bound by deployment, to have a constant decisionId`;
    reading.problems.error(owner, 'decision', wrong);
    return undefined;
  }
  return decisionId && { kind: 'decision', decisionId, resultVariable, binding };
}

/** What a sending element does: exactly one of a job, a record and a message. */
export function readSending(
  reading: Reading,
  owner: ModdleElement,
): JobAction | PublishAction | MessageAction | undefined {
  const given = ['zeebe:TaskDefinition', 'millrace:Publish', 'millrace:Message'].filter(
    (type) => extension(owner, type) !== undefined,
  );
  if (given.length > 1) {
    const wrong = `expected ${describe(owner)} to have either a zeebe:taskDefinition, a millrace:publish or a millrace:message, found ${given.length} of them`;
    reading.problems.error(owner, 'publish', wrong);
    return undefined;
  }
  return readJob(reading, owner) ?? readPublish(reading, owner) ?? readMessageAction(reading, owner);
}

/** `zeebe:script`; undefined without a problem when the element has none. */
export function readScript(reading: Reading, owner: ModdleElement): ScriptAction | undefined {
  const script = extension(owner, 'zeebe:Script');
  if (script === undefined) return undefined;
  const expression = requiredExpression(reading, owner, script, 'expression', 'script');
  const resultVariable = text(script, 'resultVariable');
  if (resultVariable === undefined) {
    reading.problems.error(owner, 'script', `expected the script of ${describe(owner)} to name its resultVariable`);
  }
  if (expression === undefined || resultVariable === undefined) return undefined;
  return { kind: 'script', expression, resultVariable };
}
