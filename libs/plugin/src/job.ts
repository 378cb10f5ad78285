import { AD_HOC_RESULT } from '@millrace/contract';
import { type ReceivedRecord, headerText, headers, parseTraceparent, childTraceparent } from '@millrace/bus';
import { type ListenedTask, type ListenerEvent, listenedTask, listenerEvent } from '@millrace/contract';
import type { IHeaders } from 'kafkajs';

/** What a handler knows about its job, beside the input. */
export interface Job {
  /** Undefined for a record that a send node published: the engine waits for its reply by topic, not by key. */
  readonly key: string | undefined;
  readonly type: string;
  readonly instanceId: string;
  /** The element of the model that wants the work done. */
  readonly elementId: string;
  /** From 1. */
  readonly attempt: number;
  /** How often it may still fail before it becomes an incident. */
  readonly retries: number;
  readonly deadline: Date | undefined;
  readonly definition: string;
  readonly definitionVersion: number;
  /** What it listens to; undefined when it is the element's own work. */
  readonly listener: ListenerEvent | undefined;
  /** What is about to happen to a user task that it listens to. */
  readonly task: ListenedTask | undefined;
  /** The constants of the task in the model (`zeebe:taskHeaders`). */
  readonly taskHeaders: Readonly<Record<string, string>>;
  /** The job of an ad-hoc sub-process: its output must be an `adHocAnswer`. */
  readonly isAdHoc: boolean;
  /** W3C Trace Context of this work, to pass on to whatever the handler calls. */
  readonly traceparent: string | undefined;
  /** Aborts when the plugin is shut down and waiting for the handler is over. */
  readonly signal: AbortSignal;
}

/** A record as kafkajs gives it. */
export interface JobRecord {
  readonly value: Buffer | null;
  readonly headers: IHeaders;
}

export function readJob(record: JobRecord, type: string, signal: AbortSignal, spanId: Uint8Array): Job {
  const received = receivedRecord(record);
  const text = (name: string): string | undefined => headerText(received, name);
  const deadline = text(headers.deadline);
  const parent = parseTraceparent(text(headers.traceparent));
  return {
    key: text(headers.job),
    type,
    instanceId: text(headers.instanceUuid) ?? '',
    elementId: text(headers.destinationId) ?? '',
    attempt: Number(text(headers.attempt) ?? 1),
    retries: Number(text(headers.retries) ?? 0),
    deadline: deadline === undefined ? undefined : new Date(Number(deadline)),
    definition: text(headers.definition) ?? '',
    definitionVersion: Number(text(headers.definitionVersion) ?? 0),
    listener: listenerEvent.safeParse(text(headers.listener)).data,
    task: readTask(text(headers.task)),
    taskHeaders: readTaskHeaders(text(headers.taskHeaders)),
    isAdHoc: text(headers.result) === AD_HOC_RESULT,
    traceparent: parent === undefined ? undefined : childTraceparent(parent, spanId),
    signal,
  };
}

/** kafkajs gathers headers by name, repeated ones as arrays; the bus reads them as a list. */
export function receivedRecord({ value, headers: byName }: JobRecord): ReceivedRecord {
  const list = Object.entries(byName).flatMap(([key, values]) =>
    (Array.isArray(values) ? values : [values]).map((one) => ({
      key,
      value: one === undefined || one === null ? null : Buffer.from(one),
    })),
  );
  return { key: null, value, headers: list };
}

function readTaskHeaders(text: string | undefined): Record<string, string> {
  if (text === undefined) return {};
  try {
    return JSON.parse(text) as Record<string, string>;
  } catch {
    return {}; // Not from the engine, then; a handler that needs one will say which.
  }
}

function readTask(text: string | undefined): ListenedTask | undefined {
  if (text === undefined) return undefined;
  try {
    return listenedTask.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // As above: who listens to tasks says so.
  }
}
