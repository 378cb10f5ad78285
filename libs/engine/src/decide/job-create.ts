import type { JobAction } from '@millrace/bpmn';
import type { ElementRow, JobRow } from '@millrace/records';
import type { JobOutput } from '../decision.ts';
import { jobOf } from '../apply/rows.ts';
import { surroundings } from './surroundings.ts';
import { ofElement } from './close.ts';
import { evaluateCount, evaluateDuration, evaluateText } from './expressions.ts';
import { Failure } from './failure.ts';
import { listenerOffer } from './listeners.ts';
import { callbackOf } from './publish.ts';
import { schedule } from './schedule.ts';
import { inputVariables } from './scopes.ts';
import type { Walk } from './walk.ts';

export function createJob(
  walk: Walk,
  element: ElementRow,
  action: JobAction,
  openBoundary: () => void,
): Failure | undefined {
  const around = surroundings(walk, element);
  const type = evaluateText(action.type, around, 'the job type');
  if (type instanceof Failure) return type;
  const retries = evaluateCount(action.retries, around, 'the retries');
  if (retries instanceof Failure) return retries;
  const timeoutMs = evaluateDuration(action.timeout, around);
  if (timeoutMs instanceof Failure) return timeoutMs;
  const backoffMs = evaluateDuration(action.retryBackoff, around);
  if (backoffMs instanceof Failure) return backoffMs;
  openBoundary();
  const { context } = walk;
  const jobKey = context.nextKey();
  const deadline = timeoutMs === undefined ? undefined : Math.trunc(context.now) + timeoutMs;
  const traceparent = context.cause.traceparent ?? walk.instance.traceparent;
  context.emit({
    kind: 'job.created',
    ...ofElement(element),
    jobKey,
    type,
    attempt: 1,
    // Work that is not offered once cannot be done: no retries means that the first failure is the last.
    retries: Math.max(retries, 1),
    headers: action.headers,
    ...(deadline === undefined ? undefined : { deadline }),
    ...(timeoutMs === undefined ? undefined : { timeoutMs }),
    ...(backoffMs === undefined ? undefined : { backoffMs }),
    ...(traceparent === undefined ? undefined : { traceparent }),
  });
  offer(walk, element, jobOf(context.draft, jobKey), deadline);
  return undefined;
}

/** Offers the job once more, as a new attempt with the variables as they are now. */
export function offerAgain(
  walk: Walk,
  job: JobRow,
  because: 'retry' | 'deadline' | 'incidentResolved',
  retries: number = job.retries,
): void {
  const { context } = walk;
  const element = walk.element(job.elementKey);
  const attempt = job.attempt + 1;
  const deadline = job.timeoutMs === undefined ? undefined : Math.trunc(context.now) + job.timeoutMs;
  context.emit({
    kind: 'job.offered',
    ...ofElement(element),
    jobKey: job.jobKey,
    attempt,
    retries,
    because,
    ...(deadline === undefined ? undefined : { deadline }),
  });
  offer(walk, element, jobOf(context.draft, job.jobKey), deadline);
}

function offer(walk: Walk, element: ElementRow, job: JobRow, deadline: number | undefined): void {
  const { context, instanceId } = walk;
  const { processId, definitionVersion, businessKey } = walk.instance;
  const { jobKey, type, attempt, retries, headers, traceparent } = job;
  if (deadline !== undefined) {
    schedule(context, deadline, { kind: 'jobDeadline', ...ofElement(element), jobKey, attempt });
  }
  context.output({
    kind: 'job',
    jobKey,
    type,
    instanceId,
    processId,
    definitionVersion,
    ...(businessKey === undefined ? undefined : { businessKey }),
    elementKey: element.elementKey,
    attempt,
    retries,
    ...(deadline === undefined ? undefined : { deadline }),
    headers,
    ...(element.listening === undefined ? workOf(walk, element) : listenerOffer(walk, element, element.listening)),
    ...(traceparent === undefined ? undefined : { traceparent }),
  });
}

/** An action's job is offered as its node's. */
function workOf(
  walk: Walk,
  element: ElementRow,
): Pick<JobOutput, 'elementId' | 'variables' | 'directs' | 'callbacksForAction'> {
  const node = walk.node(element.elementId);
  const callback = callbackOf(walk, element, node)?.callbacksForAction;
  return {
    elementId: node.actionOf ?? element.elementId,
    variables: inputVariables(walk.context.draft, element, node.inputs.length > 0),
    ...(node.kind === 'adHocSubProcess' ? { directs: true } : undefined),
    ...(callback === undefined ? undefined : { callbacksForAction: callback }),
  };
}
