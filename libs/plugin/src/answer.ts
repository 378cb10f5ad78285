import { headerText, headers, readJsonObject } from '@millrace/bus';
import { limits } from '@millrace/contract';
import type { IHeaders } from 'kafkajs';
import type { z } from 'zod';
import { BpmnError, JobFailure } from './errors.ts';
import { type Job, type JobRecord, readJob, receivedRecord } from './job.ts';
import type { Plugin } from './plugin.ts';

/**
 * One job, from its record to the record that answers it. Never throws.
 *
 * A1. A reply carries all headers of its job, repeated ones included, so that the engine (and FlowX) recognise it.
 * A2. Whatever a handler does or throws, the job gets one answer; only a job past its deadline gets none, because the engine
 *     has offered it again by then.
 */
export type Answer =
  | {
      readonly kind: 'reply';
      readonly outcome: 'completed' | 'bpmnError' | 'failed';
      readonly topic: string;
      readonly key: string;
      readonly value: string;
      readonly headers: IHeaders;
      /** Of a failure, for the log. */
      readonly message?: string;
    }
  | { readonly kind: 'skipped'; readonly reason: string };

export interface AnswerContext {
  readonly signal: AbortSignal;
  /** Epoch ms. */
  readonly now: number;
  /** 8 random bytes, this work's span in the trace. */
  readonly spanId: Uint8Array;
  /** Where replies go when the record does not say, as with FlowX's send nodes. */
  readonly replyTopic: string;
}

export async function answer(plugin: Plugin, record: JobRecord, context: AnswerContext): Promise<Answer> {
  const job = readJob(record, plugin.type, context.signal, context.spanId);
  if (job.instanceId === '') {
    return { kind: 'skipped', reason: `expected the header ${headers.instanceUuid}: nobody waits for an answer` };
  }
  if (job.deadline !== undefined && context.now > job.deadline.getTime()) {
    return { kind: 'skipped', reason: `its deadline was ${context.now - job.deadline.getTime()} ms ago` };
  }
  const topic = headerText(receivedRecord(record), headers.replyTopic) ?? context.replyTopic;
  const copied: IHeaders = {
    ...record.headers,
    ...(job.traceparent === undefined ? {} : { [headers.traceparent]: job.traceparent }),
  };
  const base = { kind: 'reply', topic, key: job.instanceId } as const;
  try {
    const value = encode(await work(plugin, record, job));
    return { ...base, outcome: 'completed', value, headers: copied };
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    if (thrown instanceof BpmnError) {
      const extra = { [headers.errorCode]: thrown.code, [headers.errorMessage]: message };
      // Variables that are no JSON must not make the error itself unanswerable.
      const value = encodable(thrown.variables) ? encode(thrown.variables) : '{}';
      return { ...base, outcome: 'bpmnError', value, headers: { ...copied, ...extra }, message };
    }
    const retryAfterMs = thrown instanceof JobFailure ? thrown.retryAfterMs : undefined;
    const extra = {
      [headers.errorMessage]: cut(message),
      ...(retryAfterMs === undefined ? {} : { [headers.retryAfter]: String(Math.round(retryAfterMs)) }),
    };
    return { ...base, outcome: 'failed', value: '{}', headers: { ...copied, ...extra }, message };
  }
}

async function work(plugin: Plugin, record: JobRecord, job: Job): Promise<unknown> {
  const read = readJsonObject(record.value ?? '{}');
  if (read.kind === 'unusable') throw new JobFailure(`the input of ${plugin.type} cannot be read: ${read.message}`);
  const input = await plugin.input.safeParseAsync(read.value);
  if (!input.success)
    throw new JobFailure(`the input of ${plugin.type} does not fit its schema:\n${readable(input.error)}`);
  const result = await plugin.handler(input.data, job);
  const output = await plugin.output.safeParseAsync(result ?? {});
  if (!output.success)
    throw new JobFailure(`the output of ${plugin.type} does not fit its schema:\n${readable(output.error)}`);
  return output.data;
}

/** An issue a line, with the path to the variable: this is what an operator reads in the incident. */
function readable(error: z.ZodError): string {
  return error.issues
    .map(({ path, message }) => `${path.length === 0 ? '(all of it)' : path.map(String).join('.')}: ${message}`)
    .join('\n');
}

function encode(variables: unknown): string {
  const text = JSON.stringify(variables) ?? '{}';
  const bytes = Buffer.byteLength(text);
  if (bytes > limits.variablesBytesMax) {
    throw new JobFailure(`expected an output of at most ${limits.variablesBytesMax} bytes, found ${bytes}`);
  }
  return text;
}

function encodable(variables: unknown): boolean {
  try {
    encode(variables);
    return true;
  } catch {
    return false;
  }
}

/** Brokers bound a record, headers included; the engine keeps no more than this either. */
const MESSAGE_LENGTH_MAX = 4_000;

function cut(message: string): string {
  const text = message === '' ? 'the handler failed without saying why' : message;
  return text.length > MESSAGE_LENGTH_MAX ? `${text.slice(0, MESSAGE_LENGTH_MAX)}…` : text;
}
