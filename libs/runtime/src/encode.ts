import {
  type OutgoingRecord,
  type ReceivedRecord,
  type Topics,
  cloudEventHeaders,
  deadLetter,
  headers,
  headersOf,
  jobRecord,
} from '@millrace/bus';
import type { DeadLetterOutput, JobOutput, Output, PublishOutput, ReplyOutput } from '@millrace/engine';
import { type Command, type Event, encodeCommand, encodeEvent, recordKeyOf } from '@millrace/records';
import { unreachable } from '@millrace/std';
import type { DeadLetter } from './batch.ts';
import { encodeDefinition } from './definition-record.ts';
import { encodeForm, encodeGraph } from './resource-records.ts';

/** A record on its way into a transaction. Without a partition the key decides. */
export interface TransactionRecord extends OutgoingRecord {
  readonly partition?: number;
  readonly timestamp: number;
}

/** Everything that is the same for all records of one partition's owner. */
export interface EncodeContext {
  readonly topics: Topics;
  readonly partition: number;
}

/** An event as a CloudEvent (DESIGN §7). `sequence` counts the events of the partition, so the id is never used twice. */
export function eventRecord({ topics, partition }: EncodeContext, event: Event, sequence: number): TransactionRecord {
  const instanceId = 'instanceId' in event ? event.instanceId : undefined;
  return {
    topic: topics.events,
    partition,
    key: instanceId ?? null,
    value: encodeEvent(event),
    timestamp: event.at,
    headers: cloudEventHeaders({
      id: `${instanceId ?? partition}:${sequence}`,
      type: `millrace.${event.kind}`,
      source: `/millrace/partitions/${partition}`,
      subject: instanceId,
      timeMs: event.at,
    }),
  };
}

/** R2. What every event record of a batch says: the state behind the batch reflects the commands before `nextCommand`. */
export function inputHeader(nextCommand: number): { key: string; value: string } {
  return { key: headers.input, value: String(nextCommand) };
}

export function commandRecord(
  topics: Topics,
  partition: number,
  command: Command,
  definitionsSeen: number,
  timestamp: number,
): TransactionRecord {
  return {
    topic: topics.commands,
    partition,
    key: recordKeyOf(command),
    value: encodeCommand(command),
    timestamp,
    headers: [{ key: headers.definitionsSeen, value: String(definitionsSeen) }],
  };
}

/** A dead letter is not in here: what it keeps has to be fetched from where it came (dead-letters.ts). */
export function outputRecord(
  { topics }: EncodeContext,
  output: Exclude<Output, DeadLetterOutput>,
  definitionsSeen: number,
  now: number,
): TransactionRecord {
  switch (output.kind) {
    case 'command':
      return commandRecord(topics, output.partition, output.command, definitionsSeen, now);
    case 'job':
      return { ...job(topics, output), timestamp: now };
    case 'publish':
      return { ...published(output), timestamp: now };
    case 'definition':
      return definition(topics, output.definitionKey, encodeDefinition(output), now);
    case 'decisions':
      return definition(topics, output.graphKey, encodeGraph(output), now);
    case 'form':
      return definition(topics, output.formKey, encodeForm(output), now);
    case 'reply':
      return { ...reply(output), timestamp: now };
    default:
      return unreachable(output);
  }
}

/** R12. The record behind a refused command, as it came; `original` is undefined when its topic no longer has it. */
export function deadLetterRecord(
  topics: Topics,
  letter: DeadLetter,
  original: ReceivedRecord | undefined,
  now: number,
): TransactionRecord {
  const record = original ?? { key: null, value: null, headers: [] };
  return { ...deadLetter(topics, record, letter.source, letter.rejection), timestamp: now };
}

function job(topics: Topics, output: JobOutput): OutgoingRecord {
  return jobRecord(topics, {
    jobKey: output.jobKey,
    type: output.type,
    instanceId: output.instanceId,
    elementId: output.elementId,
    attempt: output.attempt,
    retries: output.retries,
    deadline: output.deadline,
    definition: output.processId,
    definitionVersion: output.definitionVersion,
    variables: output.variables,
    taskHeaders: output.headers,
    listener: output.listener,
    task: output.task,
    callbacksForAction: output.callbacksForAction,
    directs: output.directs,
    traceparent: output.traceparent,
  });
}

/** No `mr-job`: whoever answers by copying the headers is matched by instance and topic (DESIGN §7). The model's own headers win. */
function published(output: PublishOutput): OutgoingRecord {
  return {
    topic: output.topic,
    key: output.key,
    value: JSON.stringify(output.value ?? null),
    headers: headersOf({
      [headers.instanceUuid]: output.instanceId,
      [headers.instanceId]: output.instanceId,
      [headers.destinationId]: output.elementId,
      [headers.definition]: output.processId,
      [headers.definitionVersion]: String(output.definitionVersion),
      [headers.callbacksForAction]: output.callbacksForAction,
      [headers.token]: output.tokenKey,
      [headers.traceparent]: output.traceparent,
      ...output.headers,
    }),
  };
}

function definition(topics: Topics, key: string, value: string, now: number): TransactionRecord {
  return { topic: topics.definitions, key, value, headers: [], timestamp: now };
}

function reply({ to, value }: ReplyOutput): OutgoingRecord {
  return {
    topic: to.topic,
    key: to.key ?? null,
    value: JSON.stringify(value),
    headers: headersOf({
      ...to.headers,
      [headers.instanceUuid]: value.processInstanceUuid,
      [headers.instanceId]: value.processInstanceUuid,
    }),
  };
}
