import type { CommandOf, ElementRow, InstanceId, JobRow, Key } from '@millrace/records';
import { BACKOFF_FIRST_MS, BACKOFF_MS_MAX, RETRY_AFTER_MS_MAX, UNANSWERED_ATTEMPTS_MAX } from '../limits.ts';
import { answerChanges, followJob, whyInvalid } from './ad-hoc-job.ts';
import { ofElement } from './close.ts';
import { type Context, type Refusal, refuse } from './context.ts';
import { Failure } from './failure.ts';
import { raiseIncident } from './incidents.ts';
import { offerAgain } from './job-create.ts';
import { leave } from './leave.ts';
import { completeListener, goesOnWhileClosing } from './listeners.ts';
import { resultChanges } from './mappings.ts';
import { onClosing, onElement } from './on-instance.ts';
import { elementRow } from '../row-keys.ts';
import { cancelTimer, schedule } from './schedule.ts';
import { checkSize } from './scopes.ts';
import { deliver, findCatch, isOutOfReach, outOfReach, unhandled } from './throw.ts';
import type { Walk } from './walk.ts';

/** Accepted from any attempt and in any phase: done work is done. */
export function completeJob(context: Context, command: CommandOf<'completeJob'>): Refusal | undefined {
  return onJob(context, command, (walk, element, job) => {
    if (element.listening !== undefined) return completeListener(walk, element, job, command.variables);
    const node = walk.node(element.elementId);
    const isAdHoc = node.kind === 'adHocSubProcess';
    const invalid = isAdHoc ? whyInvalid(walk, node, command.adHoc) : undefined;
    if (invalid !== undefined) return holdBack(walk, element, job, invalid);
    const changes = isAdHoc
      ? answerChanges(element.elementKey, command)
      : resultChanges(walk, element, node.outputs.length > 0, command.variables);
    const tooLarge = checkSize(context.draft, walk.instanceId, changes);
    if (tooLarge !== undefined) return holdBack(walk, element, job, tooLarge);
    cancelTimer(context, job.timer);
    context.emit({ kind: 'job.completed', ...ofElement(element), jobKey: job.jobKey });
    if (isAdHoc) followJob(walk, walk.element(element.elementKey), command);
    else leave(walk, element.elementKey, command.variables, 0);
    return undefined;
  });
}

export function failJob(context: Context, command: CommandOf<'failJob'>): Refusal | undefined {
  return onJob(context, command, (walk, element, job) => {
    const stale = refuseStale(job, command.attempt);
    if (stale !== undefined) return stale;
    const retries = Math.max(0, command.retries ?? job.retries - 1);
    fail(walk, element, job, command.message, retries, command.retryAfterMs);
    return undefined;
  });
}

export function throwJobError(context: Context, command: CommandOf<'throwJobError'>): Refusal | undefined {
  return onJob(context, command, (walk, element, job) => {
    const stale = refuseStale(job, command.attempt);
    if (stale !== undefined) return stale;
    const { code, message, attempt, variables = {} } = command;
    if (element.listening !== undefined) return refuseError(walk, element, job, command);
    const tooLarge = checkSize(context.draft, walk.instanceId, [{ scopeKey: walk.instanceId, values: variables }]);
    if (tooLarge !== undefined) return holdBack(walk, element, job, tooLarge);
    const caught = findCatch(walk, element.elementKey, 'error', code);
    const handler = caught === undefined || isOutOfReach(walk, caught) ? undefined : caught;
    cancelTimer(context, job.timer);
    context.emit({
      kind: 'job.errorThrown',
      ...ofElement(element),
      jobKey: job.jobKey,
      attempt,
      code,
      ...(message === undefined ? undefined : { message }),
      ...(handler === undefined ? undefined : { caughtBy: handler.eventId }),
    });
    const failure = caught === undefined ? unhandled(code, message) : outOfReach(caught);
    if (handler === undefined) raiseIncident(walk, element, failure, 'job', { jobKey: job.jobKey });
    else deliver(walk, handler, variables, 0);
    return undefined;
  });
}

/** A listener is no part of the model that an event could catch something of: what it throws waits for a person. */
function refuseError(
  walk: Walk,
  element: ElementRow,
  { jobKey, type, timer }: JobRow,
  { code, attempt, message }: CommandOf<'throwJobError'>,
): undefined {
  const { context } = walk;
  cancelTimer(context, timer);
  const said = message === undefined ? undefined : { message };
  context.emit({ kind: 'job.errorThrown', ...ofElement(element), jobKey, attempt, code, ...said });
  const sentence = `expected the listener "${type}" to complete or to fail, but it threw the error "${code}", which nothing can catch`;
  raiseIncident(walk, element, new Failure('UNHANDLED_ERROR', sentence), 'job', { jobKey });
}

/** Back-off is over, or the deadline has passed without an answer. */
export function retryJob(walk: Walk, jobKey: Key): void {
  const job = walk.context.draft.get('job', jobKey);
  if (job?.phase === 'backingOff') offerAgain(walk, job, 'retry');
}

export function passDeadline(walk: Walk, jobKey: Key, attempt: number): void {
  const job = walk.context.draft.get('job', jobKey);
  if (job === undefined || job.phase !== 'offered' || job.attempt !== attempt) return;
  if (attempt % UNANSWERED_ATTEMPTS_MAX !== 0) return offerAgain(walk, job, 'deadline');
  const message = `expected an answer to the job "${job.type}", which has been offered ${attempt} times`;
  const element = walk.element(job.elementKey);
  emitFailed(walk, element, job, message, job.retries);
  raiseIncident(walk, element, new Failure('JOB_NOT_ANSWERED', message), 'job', { jobKey });
}

export function fail(
  walk: Walk,
  element: ElementRow,
  job: JobRow,
  message: string,
  retries: number,
  retryAfterMs: number | undefined,
): void {
  const { context } = walk;
  cancelTimer(context, job.timer);
  if (retries === 0) {
    emitFailed(walk, element, job, message, 0);
    const sentence = `the job "${job.type}" failed in attempt ${job.attempt}, and no retries are left: ${message}`;
    return raiseIncident(walk, element, new Failure('JOB_RETRIES_EXHAUSTED', sentence), 'job', { jobKey: job.jobKey });
  }
  const retryAt = Math.trunc(context.now) + backoffMs(job, retryAfterMs);
  emitFailed(walk, element, job, message, retries, retryAt);
  schedule(context, retryAt, { kind: 'jobRetry', ...ofElement(element), jobKey: job.jobKey });
  return undefined;
}

/** What the plugin asks for, else what the model says, else doubling. */
function backoffMs(job: JobRow, retryAfterMs: number | undefined): number {
  if (retryAfterMs !== undefined) return Math.min(Math.max(0, Math.trunc(retryAfterMs)), RETRY_AFTER_MS_MAX);
  if (job.backoffMs !== undefined) return job.backoffMs;
  return Math.min(BACKOFF_FIRST_MS * 2 ** Math.min(job.attempt - 1, 30), BACKOFF_MS_MAX);
}

/** The result does not fit: it is not taken, and the job waits for a person. If one is at it already, the sender is told. */
export function holdBack(walk: Walk, element: ElementRow, job: JobRow, tooLarge: Failure): Refusal | undefined {
  if (element.incidentKey !== undefined) return refuse('TOO_LARGE', tooLarge.message);
  cancelTimer(walk.context, job.timer);
  emitFailed(walk, element, job, tooLarge.message, job.retries);
  raiseIncident(walk, element, tooLarge, 'job', { jobKey: job.jobKey });
  return undefined;
}

function emitFailed(
  walk: Walk,
  element: ElementRow,
  { jobKey, attempt }: JobRow,
  message: string,
  retries: number,
  retryAt?: number,
): void {
  walk.context.emit({
    kind: 'job.failed',
    ...ofElement(element),
    jobKey,
    attempt,
    retries,
    message,
    ...(retryAt === undefined ? undefined : { retryAt }),
  });
}

function refuseStale(job: JobRow, attempt: number): Refusal | undefined {
  if (attempt !== job.attempt) {
    return refuse('STALE_ATTEMPT', `expected attempt ${job.attempt} of job ${job.jobKey}, found ${attempt}`);
  }
  if (job.phase === 'offered') return undefined;
  return refuse('INVALID_STATE', `attempt ${attempt} of job ${job.jobKey} has failed already`);
}

function onJob(
  context: Context,
  command: { readonly instanceId: InstanceId; readonly jobKey: Key },
  act: (walk: Walk, element: ElementRow, job: JobRow) => Refusal | undefined,
): Refusal | undefined {
  const { instanceId, jobKey } = command;
  const job = context.draft.get('job', jobKey);
  if (job === undefined || job.instanceId !== instanceId) {
    return refuse('NOT_FOUND', `expected instance ${instanceId} to have the job ${jobKey}; it may be finished`);
  }
  const element = context.draft.get('element', elementRow(instanceId, job.elementKey));
  const closing = element !== undefined && goesOnWhileClosing(element) ? onClosing : onElement;
  return closing(context, instanceId, job.elementKey, (walk, row) => act(walk, row, job));
}
