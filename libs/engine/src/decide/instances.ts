import {
  type CommandOf,
  type InstanceId,
  type StartInstance,
  definitionKey,
  partitionOfInstance,
} from '@millrace/records';
import type { ExecutableProcess } from '@millrace/bpmn';
import type { StartConfirmation } from '../decision.ts';
import { entriesSize } from '../json-size.ts';
import { FLOW_NAME_LENGTH_MAX, VARIABLES_BYTES_MAX } from '../limits.ts';
import { type Context, type Refusal, refuse } from './context.ts';
import { callerOf } from './caller.ts';
import { endEarly, finishEnding } from './end.ts';
import { lifetimeOf, scheduleExpiry } from './expiry.ts';
import { Failure } from './failure.ts';
import { noneStartOf } from './none-start.ts';
import { beginInstance } from './begin.ts';
import { carryOn, carryOnClosing, proceed } from './move.ts';
import { onElement, onSuspendable } from './on-instance.ts';
import { checkSize, setVariables } from './scopes.ts';
import { isDefinitionSuspended } from './suspend-definition.ts';
import { Walk } from './walk.ts';
import { nodeOf } from '../model-lookup.ts';

export function startInstance(context: Context, command: StartInstance): Refusal | undefined {
  const refusal = tryStart(context, command);
  return refusal === undefined ? undefined : { ...refusal, outputs: refusedStart(command, refusal) };
}

function tryStart(context: Context, command: StartInstance): Refusal | undefined {
  const { instanceId, processId, variables } = command;
  const { draft } = context;
  if (partitionOfInstance(instanceId) !== draft.partition) {
    return refuse('INVALID_ARGUMENT', `expected an instance id of partition ${draft.partition}, found ${instanceId}`);
  }
  if (draft.get('instance', instanceId) !== undefined || draft.get('remembered', instanceId) !== undefined) {
    return refuse('ALREADY_EXISTS', `instance ${instanceId} was started before`, { instanceId });
  }
  const version = command.definitionVersion ?? draft.latestVersion(processId);
  const model = version === undefined ? undefined : draft.process(definitionKey(processId, version));
  if (version === undefined || model === undefined) {
    const which = version === undefined ? '' : ` in version ${version}`;
    return refuse('NOT_FOUND', `expected the process "${processId}" to be deployed${which}`);
  }
  // H5. What is called, or names its start event, was decided before.
  const isAsked = command.startEventId === undefined && command.parent === undefined;
  if (isAsked && isDefinitionSuspended(context, processId)) {
    return refuse('INVALID_STATE', `the process "${processId}" is suspended and starts no instances`);
  }
  const startEventId = command.startEventId === undefined ? noneStartOf(model) : wholeOf(model, command.startEventId);
  if (startEventId === undefined || !model.startEvents.includes(startEventId)) {
    const which = command.startEventId === undefined ? 'none start event' : `start event "${command.startEventId}"`;
    return refuse('INVALID_ARGUMENT', `the process "${processId}" has no ${which}`);
  }
  const variableBytes = entriesSize(variables);
  if (variableBytes > VARIABLES_BYTES_MAX) {
    const message = `expected variables of at most ${VARIABLES_BYTES_MAX} bytes as JSON, found ${variableBytes}`;
    return refuse('TOO_LARGE', message);
  }
  const { flowName } = command;
  if (flowName !== undefined && (flowName === '' || flowName.length > FLOW_NAME_LENGTH_MAX)) {
    return refuse('INVALID_ARGUMENT', `expected a flow name of 1 to ${FLOW_NAME_LENGTH_MAX} characters`);
  }
  const lifetime = lifetimeOf(context, model, command);
  if (lifetime instanceof Failure) return refuse('INVALID_ARGUMENT', lifetime.message);
  begin(context, command, { version, startEventId, variableBytes, lifetime });
  return undefined;
}

/** One of several definitions of the event is what partition 0 has watched. */
function wholeOf(model: ExecutableProcess, startEventId: string): string {
  const node = nodeOf(model, startEventId);
  return node?.kind === 'eventPart' ? node.of : startEventId;
}

function begin(
  context: Context,
  command: StartInstance,
  plan: { version: number; startEventId: string; variableBytes: number; lifetime: number | undefined },
): void {
  const { version: definitionVersion, startEventId, variableBytes, lifetime } = plan;
  const { instanceId, processId, businessKey, flowName, remember, message, reply, parent, variables } = command;
  context.emit({
    kind: 'instance.started',
    instanceId,
    processId,
    definitionKey: definitionKey(processId, definitionVersion),
    definitionVersion,
    ...(businessKey === undefined ? undefined : { businessKey }),
    ...(flowName === undefined ? undefined : { flowName }),
    startEventId,
    variables,
    variableBytes,
    ...(remember === true ? { remember } : undefined),
    ...(message === undefined ? undefined : { message }),
    ...(parent === undefined ? undefined : { parent }),
  });
  if (reply !== undefined) {
    const value: StartConfirmation = { processName: processId, processInstanceUuid: instanceId, state: 'STARTED' };
    context.output({ kind: 'reply', to: reply, value });
  }
  const instance = context.draft.get('instance', instanceId);
  if (instance === undefined) return;
  const walk = Walk.of(context, instance);
  scheduleExpiry(walk, lifetime);
  beginInstance(walk, walk.node(startEventId), command.hops);
  if (!walk.isOver) proceed(walk);
}

/** Whoever asked by record is told, and a message that meant to start the instance leaves no lock behind. */
function refusedStart(command: StartInstance, { rejection }: Refusal): Refusal['outputs'] {
  const { instanceId, processId, reply, message } = command;
  const { reason, message: why, instanceId: existing } = rejection;
  const outputs: Refusal['outputs'][number][] = [];
  if (reply !== undefined) {
    const known = existing === undefined ? undefined : { processInstanceUuid: existing };
    const value: StartConfirmation = { processName: processId, ...known, state: 'REJECTED', reason, message: why };
    outputs.push({ kind: 'reply', to: reply, value });
  }
  if (message !== undefined && reason !== 'ALREADY_EXISTS') {
    const release = { kind: 'releaseMessageStart', version: 1, processId, instanceId, ...message } as const;
    outputs.push({ kind: 'command', partition: 0, command: release });
  }
  return outputs;
}

export function cancelInstance(context: Context, command: CommandOf<'cancelInstance'>): Refusal | undefined {
  const { instanceId, reason } = command;
  if (command.byCaller === true) return cancelByCaller(context, instanceId);
  return onSuspendable(context, instanceId, (walk) => {
    const caller = callerOf(walk);
    if (caller !== undefined) {
      const who = `the instance ${caller.walk.instanceId}, which called it,`;
      return refuse('INVALID_STATE', `expected ${who} to be cancelled: it waits for ${instanceId}`);
    }
    endEarly(walk, 'cancelled', reason);
    return undefined;
  });
}

/** That it is over already is no one's mistake. One that has only waited for its caller to take the result is done. */
function cancelByCaller(context: Context, instanceId: InstanceId): undefined {
  const instance = context.draft.get('instance', instanceId);
  if (instance === undefined) return undefined;
  const walk = Walk.of(context, instance);
  if (instance.phase === 'ending') finishEnding(walk);
  else endEarly(walk, 'cancelled', 'its caller has ended');
  return undefined;
}

export function updateVariables(context: Context, command: CommandOf<'updateVariables'>): Refusal | undefined {
  const { instanceId, scopeKey = instanceId, variables } = command;
  const update = (): Refusal | undefined => {
    const changes = [{ scopeKey, values: variables }];
    const failure = checkSize(context.draft, instanceId, changes);
    if (failure !== undefined) return refuse('TOO_LARGE', failure.message);
    setVariables(context, instanceId, changes);
    return undefined;
  };
  return scopeKey === instanceId
    ? onSuspendable(context, instanceId, update)
    : onElement(context, instanceId, scopeKey, update);
}

/** Only the engine sends it; that the instance has ended meanwhile is no one's mistake. */
export function continueInstance(context: Context, command: CommandOf<'continue'>): undefined {
  const instance = context.draft.get('instance', command.instanceId);
  if (instance === undefined) return undefined;
  const walk = Walk.of(context, instance);
  if (command.scopeKey === undefined) carryOn(walk, command.hops);
  else if (instance.phase === 'active') carryOnClosing(walk, command.scopeKey);
  return undefined;
}
