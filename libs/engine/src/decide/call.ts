import type { Binding, CallActivity, ExecutableProcess } from '@millrace/bpmn';
import {
  type ElementRow,
  type InstanceId,
  bytesFromText,
  definitionKey,
  instanceId as instanceIdOf,
} from '@millrace/records';
import { CALL_DEPTH_MAX } from '../limits.ts';
import { ofElement } from './close.ts';
import { evaluateOptionalText, evaluateText } from './expressions.ts';
import { Failure } from './failure.ts';
import { noneStartOf } from './none-start.ts';
import { inputVariables } from './scopes.ts';
import { isDefinitionSuspended } from './suspend-definition.ts';
import { surroundings } from './surroundings.ts';
import type { Walk } from './walk.ts';

/**
 * A call activity starts an instance of its own on the same partition, by command, and waits for its end. What can be wrong is
 * found here, so that the start is not refused.
 */
export function callProcess(
  walk: Walk,
  element: ElementRow,
  node: CallActivity,
  hops: number,
  openBoundary: () => void,
): Failure | undefined {
  const { context, instanceId } = walk;
  const around = surroundings(walk, element);
  const processId = evaluateText(node.processId, around, 'the id of the process to call');
  if (processId instanceof Failure) return processId;
  const businessKey = evaluateOptionalText(node.businessKey, around, 'the business key') ?? walk.instance.businessKey;
  if (businessKey instanceof Failure) return businessKey;
  const definitionVersion = findVersion(walk, processId, node.binding);
  if (definitionVersion instanceof Failure) return definitionVersion;
  if (isDefinitionSuspended(context, processId)) {
    const message = `expected the process "${processId}" to start instances; it is suspended`;
    return new Failure('CALLED_PROCESS_SUSPENDED', message);
  }
  const depth = (walk.instance.parent?.depth ?? 0) + 1;
  if (depth > CALL_DEPTH_MAX) {
    return new Failure('CALLS_TOO_DEEP', `expected at most ${CALL_DEPTH_MAX} calls within each other`);
  }
  openBoundary();
  const { elementKey } = element;
  const calledId = calledIdOf(walk, elementKey);
  context.emit({
    kind: 'process.called',
    ...ofElement(element),
    calledId,
    processId,
    definitionKey: definitionKey(processId, definitionVersion),
  });
  const traceparent = context.cause.traceparent ?? walk.instance.traceparent;
  context.send(context.draft.partition, {
    kind: 'startInstance',
    version: 1,
    instanceId: calledId,
    processId,
    definitionVersion,
    ...(businessKey === undefined ? undefined : { businessKey }),
    variables: inputVariables(context.draft, element, !node.passesAllIn),
    parent: { instanceId, elementKey, depth },
    hops,
    ...(traceparent === undefined ? undefined : { traceparent }),
  });
  return undefined;
}

/** An element calls once: its key makes the id. */
function calledIdOf({ context }: Walk, elementKey: string): InstanceId {
  return instanceIdOf(context.draft.partition, bytesFromText(`call/${elementKey}`));
}

function findVersion(walk: Walk, processId: string, binding: Binding): number | Failure {
  const version = boundVersion(walk, processId, binding);
  if (version === undefined) {
    const which =
      binding.kind === 'latest'
        ? ''
        : binding.kind === 'versionTag'
          ? ` with the version tag "${binding.versionTag}"`
          : ' with its caller';
    return new Failure('CALLED_PROCESS_NOT_FOUND', `expected the process "${processId}" to be deployed${which}`);
  }
  const model = walk.context.draft.process(definitionKey(processId, version));
  if (model !== undefined && noneStartOf(model) !== undefined) return version;
  return new Failure('CALLED_PROCESS_NOT_FOUND', `expected the process "${processId}" to have a none start event`);
}

function boundVersion({ context, model }: Walk, processId: string, binding: Binding): number | undefined {
  const { draft } = context;
  const latest = draft.latestVersion(processId);
  switch (binding.kind) {
    case 'latest':
      return latest;
    case 'deployment':
      return model.deployedWith?.[processId];
    default:
      for (let version = latest ?? 0; version > 0; version -= 1) {
        if (draft.process(definitionKey(processId, version))?.versionTag === binding.versionTag) return version;
      }
      return undefined;
  }
}

export function bindsToDeployment(model: ExecutableProcess): boolean {
  return Object.values(model.elements).some(
    (node) =>
      (node.kind === 'callActivity' && node.binding.kind === 'deployment') ||
      (node.kind === 'userTask' && node.form?.binding === 'deployment') ||
      (node.kind === 'businessRuleTask' &&
        node.action.kind === 'decision' &&
        node.action.binding.kind === 'deployment'),
  );
}

/** The called instance is of no use to anybody any more. Sent behind its start: it is there, or over. */
export function cancelCalled({ context }: Walk, calledId: InstanceId): void {
  context.send(context.draft.partition, { kind: 'cancelInstance', version: 1, instanceId: calledId, byCaller: true });
}
