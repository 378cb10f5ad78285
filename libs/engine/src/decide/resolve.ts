import { unreachable } from '@millrace/std';
import { type Expression, type FlowNode, jobOf as jobActionOf } from '@millrace/bpmn';
import type { CommandOf, DeferredRow, ElementRow, IncidentRow } from '@millrace/records';
import { jobOf } from '../apply/rows.ts';
import { JOB_RETRIES_DEFAULT } from '../limits.ts';
import { deferredRow, elementRow, receiveRow } from '../row-keys.ts';
import { ofExecution } from './actions.ts';
import { activate } from './activate.ts';
import { openInstance } from './begin.ts';
import { terminateElement } from './close.ts';
import { scheduleReceiveTimeout } from './catch.ts';
import { type Context, type Refusal, refuse } from './context.ts';
import { evaluateCount, evaluateDuration } from './expressions.ts';
import { Failure } from './failure.ts';
import { raiseIncident } from './incidents.ts';
import { offerAgain } from './job-create.ts';
import { leave } from './leave.ts';
import { goesOnWhileClosing, listenAgain, listenerOf } from './listeners.ts';
import { pickUp } from './move.ts';
import { onClosing, onInstance } from './on-instance.ts';
import { completeScope } from './sub-process.ts';
import { surroundings } from './surroundings.ts';
import { finishEnding } from './end.ts';
import { Walk } from './walk.ts';

/** A person says that the cause is mended: the failed step is tried again, and may fail again. */
export function resolveIncident(context: Context, command: CommandOf<'resolveIncident'>): Refusal | undefined {
  const { incidentKey, retries } = command;
  const incident = context.draft.get('incident', incidentKey);
  if (incident === undefined) {
    return refuse('NOT_FOUND', `expected the incident ${incidentKey}; it may be resolved already`);
  }
  if (retries !== undefined && (!Number.isInteger(retries) || retries < 1)) {
    return refuse('INVALID_ARGUMENT', `expected at least one retry, found ${retries}`);
  }
  const { instanceId, elementId, elementKey } = incident;
  const element =
    elementKey === undefined ? undefined : context.draft.get('element', elementRow(instanceId, elementKey));
  const isClosing = element !== undefined && goesOnWhileClosing(element);
  const resolve = (walk: Walk): Refusal | undefined => {
    const token = tokenOf(walk, incident);
    const scopeKey = token?.scopeKey ?? (elementKey === undefined ? instanceId : walk.element(elementKey).scopeKey);
    if (!isClosing && !walk.isOpen(scopeKey))
      return refuse('INVALID_STATE', `what incident ${incidentKey} is about is being closed`);
    context.emit({
      kind: 'incident.resolved',
      instanceId,
      incidentKey,
      elementId,
      ...(elementKey === undefined ? undefined : { elementKey }),
      by: 'command',
    });
    if (token !== undefined) pickUp(walk, token, 0);
    else if (elementKey !== undefined) retryElement(walk, walk.element(elementKey), incident, retries);
    return undefined;
  };
  return isClosing
    ? onClosing(context, instanceId, element.elementKey, resolve)
    : onInstance(context, instanceId, resolve);
}

function tokenOf(walk: Walk, { tokenKey, scopeKey = walk.instanceId }: IncidentRow): DeferredRow | undefined {
  if (tokenKey === undefined) return undefined;
  return walk.context.draft.get('deferred', deferredRow(walk.instanceId, scopeKey, tokenKey));
}

function retryElement(walk: Walk, element: ElementRow, incident: IncidentRow, retries: number | undefined): void {
  switch (incident.retry) {
    case 'enter':
      return activate(walk, element.elementKey, 0, incident.brought);
    case 'begin':
      terminateElement(walk, element);
      return openInstance(walk, walk.node(element.elementId));
    case 'leave':
      // Whether anything keeps it is asked anew.
      if (element.actions !== undefined) return walk.noteEnd(element.elementKey, 0);
      if (walk.node(element.elementId).kind === 'adHocSubProcess') return completeScope(walk, element.elementKey, 0);
      // A scope in which an event has begun something since then leaves when that is over.
      if ((element.tokens ?? 0) > 0) return undefined;
      return leave(walk, element.elementKey, {}, 0);
    case 'job':
      if (element.jobKey === undefined) return undefined;
      return offerAgain(
        walk,
        jobOf(walk.context.draft, element.jobKey),
        'incidentResolved',
        retries ?? retriesOf(walk, element),
      );
    case 'call':
      return takeResultAgain(walk, element);
    case 'receive':
      return waitAgain(walk, element);
    case 'listen':
      return listenAgain(walk, element);
    case 'loop':
      return walk.pushLoop({ bodyKey: element.elementKey, hops: 0 });
    case 'token':
    case 'none':
      return undefined;
    default:
      return unreachable(incident.retry);
  }
}

/** The called instance has waited for this. */
function takeResultAgain({ context }: Walk, { calledId = '' }: ElementRow): void {
  const called = context.draft.get('instance', calledId);
  if (called !== undefined) finishEnding(Walk.of(context, called));
}

/** As many as the model gives now; an expression that fails on this occasion must not stop the resolving. */
function retriesOf(walk: Walk, element: ElementRow): number {
  const action =
    element.listening === undefined
      ? jobActionOf(walk.node(element.elementId))
      : listenerOf(walk, element, element.listening);
  if (action === undefined) return JOB_RETRIES_DEFAULT;
  const retries = evaluateCount(action.retries, surroundings(walk, element), 'the retries');
  return retries instanceof Failure ? JOB_RETRIES_DEFAULT : Math.max(retries, 1);
}

function waitAgain(walk: Walk, element: ElementRow): void {
  const { draft } = walk.context;
  const { topic = '', receiveKey = '' } = element.receive ?? {};
  const receive = draft.get('receive', receiveRow(walk.instanceId, topic, receiveKey));
  const node = receive && walk.node(receive.elementId);
  if (node === undefined) return;
  const timeout = timeoutOf(walk, element, node);
  const timeoutMs = evaluateDuration(timeout, surroundings(walk, element));
  if (timeoutMs instanceof Failure) raiseIncident(walk, element, timeoutMs, 'receive');
  else if (timeoutMs !== undefined) scheduleReceiveTimeout(walk, element, timeoutMs);
}

function timeoutOf(walk: Walk, element: ElementRow, node: FlowNode): Expression | undefined {
  if (node.actionOf !== undefined) return ofExecution(walk, element).action.callback?.timeout;
  return 'trigger' in node && node.trigger.kind === 'reply' ? node.trigger.timeout : undefined;
}
