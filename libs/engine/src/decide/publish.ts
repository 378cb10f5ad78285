import type { FlowNode, PublishAction } from '@millrace/bpmn';
import type { ElementRow } from '@millrace/records';
import type { PublishOutput } from '../decision.ts';
import { jsonSize } from '../json-size.ts';
import { PUBLISH_BYTES_MAX } from '../limits.ts';
import { actionsOf, ofExecution } from './actions.ts';
import { surroundings } from './surroundings.ts';
import { ofElement } from './close.ts';
import { evaluateAny, evaluateOptionalText, evaluateText } from './expressions.ts';
import { Failure } from './failure.ts';
import { inputVariables } from './scopes.ts';
import type { Walk } from './walk.ts';

/** What a reply must carry to be the callback of an action. */
export function callbackOf(
  walk: Walk,
  element: ElementRow,
  { actionOf }: FlowNode,
): Pick<PublishOutput, 'callbacksForAction' | 'tokenKey'> | undefined {
  if (actionOf === undefined) return undefined;
  const { node, action } = ofExecution(walk, element);
  const hasCallback = actionsOf(node).some(({ parent, callback }) => parent === action.name && callback !== undefined);
  return hasCallback ? { callbacksForAction: action.name, tokenKey: element.scopeKey } : undefined;
}

/** A send node writes a record to a topic and does not wait. */
export function planRecord(
  walk: Walk,
  element: ElementRow,
  node: FlowNode,
  action: PublishAction,
): (() => void) | Failure {
  const { context, instanceId } = walk;
  const around = surroundings(walk, element);
  const topic = evaluateText(action.topic, around, 'the topic to publish to');
  if (topic instanceof Failure) return topic;
  const key = evaluateOptionalText(action.key, around, 'the key of the record') ?? instanceId;
  if (key instanceof Failure) return key;
  const headers: Record<string, string> = {};
  for (const { name, value } of action.headers) {
    const text = evaluateOptionalText(value, around, `the header ${name}`);
    if (text instanceof Failure) return text;
    if (text !== undefined) headers[name] = text;
  }
  const value =
    action.payload === undefined
      ? inputVariables(context.draft, element, node.inputs.length > 0)
      : evaluateAny(action.payload, around, 'EXPRESSION_FAILED');
  if (value instanceof Failure) return value;
  const bytes = jsonSize(value);
  if (bytes > PUBLISH_BYTES_MAX) {
    const message = `expected a record to publish of at most ${PUBLISH_BYTES_MAX} bytes as JSON, found ${bytes}`;
    return new Failure('MESSAGE_TOO_LARGE', message);
  }
  const { processId, definitionVersion, traceparent } = walk.instance;
  const trace = context.cause.traceparent ?? traceparent;
  return () => {
    context.emit({ kind: 'record.published', ...ofElement(element), topic, key });
    context.output({
      kind: 'publish',
      instanceId,
      processId,
      definitionVersion,
      elementId: node.actionOf ?? element.elementId,
      topic,
      key,
      headers,
      value,
      ...callbackOf(walk, element, node),
      ...(trace === undefined ? undefined : { traceparent: trace }),
    });
  };
}
