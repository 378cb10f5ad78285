import type { FlowNode, MessageAction } from '@millrace/bpmn';
import { type ElementRow, partitionOfCorrelationKey } from '@millrace/records';
import { CORRELATION_KEY_LENGTH_MAX, MESSAGE_TTL_MS_MAX, NAME_LENGTH_MAX } from '../limits.ts';
import { ofElement } from './close.ts';
import { evaluateAny, evaluateDuration, evaluateText } from './expressions.ts';
import { Failure } from './failure.ts';
import { ringWith } from './ring.ts';
import { inputVariables } from './scopes.ts';
import { surroundings } from './surroundings.ts';
import type { Walk } from './walk.ts';

/** An element publishes a message, as anybody else does, and does not wait for what becomes of it. */
export function planMessage(
  walk: Walk,
  element: ElementRow,
  node: FlowNode,
  action: MessageAction,
  hops: number,
): (() => void) | Failure {
  const { context } = walk;
  const around = surroundings(walk, element);
  const name = evaluateText(action.name, around, 'the message name');
  if (name instanceof Failure) return name;
  const value =
    action.correlationKey === undefined ? '' : evaluateAny(action.correlationKey, around, 'CORRELATION_KEY_INVALID');
  if (value instanceof Failure) return value;
  const correlationKey = typeof value === 'number' ? String(value) : value;
  if (typeof correlationKey !== 'string' || (correlationKey === '' && action.correlationKey !== undefined)) {
    const found = JSON.stringify(value);
    const message = `expected the correlation key of message "${name}" to be a text or a number, found ${found}`;
    return new Failure('CORRELATION_KEY_INVALID', message);
  }
  if (name.length > NAME_LENGTH_MAX || correlationKey.length > CORRELATION_KEY_LENGTH_MAX) {
    const most = `a name of at most ${NAME_LENGTH_MAX} and a correlation key of at most ${CORRELATION_KEY_LENGTH_MAX} characters`;
    return new Failure('EXPRESSION_FAILED', `expected a message with ${most}`);
  }
  const ttlMs = evaluateDuration(action.timeToLive, around) ?? 0;
  if (ttlMs instanceof Failure) return ttlMs;
  if (ttlMs > MESSAGE_TTL_MS_MAX) {
    return new Failure('TIMER_INVALID', `expected a time to live of at most ${MESSAGE_TTL_MS_MAX} ms, found ${ttlMs}`);
  }
  const traceparent = context.cause.traceparent ?? walk.instance.traceparent;
  const variables = inputVariables(context.draft, element, node.inputs.length > 0);
  return () => {
    context.emit({ kind: 'message.thrown', ...ofElement(element), name, correlationKey });
    context.send(partitionOfCorrelationKey(correlationKey, context.draft.partitionCount), {
      kind: 'publishMessage',
      version: 1,
      name,
      correlationKey,
      ttlMs,
      variables,
      hops,
      ...ringWith(context, `the message "${name}"`, hops),
      ...(traceparent === undefined ? undefined : { traceparent }),
    });
  };
}
