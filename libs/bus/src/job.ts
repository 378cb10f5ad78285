import { AD_HOC_RESULT, type ListenerEvent } from '@millrace/contract';
import { headers } from './headers.ts';
import { type OutgoingRecord, headersOf } from './record.ts';
import type { Topics } from './topics.ts';

/** A job as the engine offers it: everything its record says. */
export interface JobOffer {
  readonly jobKey: string;
  readonly type: string;
  readonly instanceId: string;
  readonly elementId: string;
  /** From 1; counts offers of this job. */
  readonly attempt: number;
  /** How many failures are left before an incident. */
  readonly retries: number;
  /** Epoch ms; a consumer skips the job past it. */
  readonly deadline?: number | undefined;
  readonly definition: string;
  readonly definitionVersion: number;
  readonly variables: Readonly<Record<string, unknown>>;
  /** The task's static headers from the model (`zeebe:taskHeaders`), as one JSON header. */
  readonly taskHeaders?: Readonly<Record<string, string>> | undefined;
  /** The action that offers the job and has a callback. */
  readonly callbacksForAction?: string | undefined;
  /** The job is a listener's, for this event. */
  readonly listener?: ListenerEvent | undefined;
  /** Of a listener of a user task: `listenedTask` of the contract, as one JSON header. */
  readonly task?: object | undefined;
  readonly replyTopic?: string | undefined;
  /** The job of an ad-hoc sub-process: its answer says what begins. */
  readonly directs?: boolean | undefined;
  readonly traceparent?: string | undefined;
}

/** DESIGN §7: the instance id as key keeps an instance's jobs of one type in order. */
export function jobRecord(topics: Topics, job: JobOffer): OutgoingRecord {
  return {
    topic: topics.job(job.type),
    key: job.instanceId,
    value: JSON.stringify(job.variables),
    headers: headersOf({
      [headers.instanceUuid]: job.instanceId,
      [headers.instanceId]: job.instanceId,
      [headers.destinationId]: job.elementId,
      [headers.callbacksForAction]: job.callbacksForAction,
      [headers.job]: job.jobKey,
      [headers.type]: job.type,
      [headers.attempt]: String(job.attempt),
      [headers.retries]: String(job.retries),
      [headers.deadline]: job.deadline === undefined ? undefined : String(job.deadline),
      [headers.replyTopic]: job.replyTopic ?? topics.reply,
      [headers.definition]: job.definition,
      [headers.definitionVersion]: String(job.definitionVersion),
      [headers.taskHeaders]: isEmpty(job.taskHeaders) ? undefined : JSON.stringify(job.taskHeaders),
      [headers.result]: job.directs === true ? AD_HOC_RESULT : undefined,
      [headers.listener]: job.listener,
      [headers.task]: job.task === undefined ? undefined : JSON.stringify(job.task),
      [headers.traceparent]: job.traceparent,
    }),
  };
}

function isEmpty(record: Readonly<Record<string, string>> | undefined): boolean {
  return record === undefined || Object.keys(record).length === 0;
}
