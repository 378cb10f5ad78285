import { headers } from './headers.ts';
import { type OutgoingRecord, type ReceivedRecord, type RecordSource, headersOf } from './record.ts';
import type { Topics } from './topics.ts';
import type { Unusable } from './unusable.ts';

/** B5. The record as it came, and why and from where in headers: fixing the cause, one can send it again. */
export function deadLetter(
  topics: Topics,
  record: ReceivedRecord,
  source: RecordSource,
  why: Pick<Unusable, 'message'> & { readonly reason: string },
): OutgoingRecord {
  return {
    topic: topics.deadLetters,
    key: record.key,
    value: record.value,
    headers: [
      ...record.headers,
      ...headersOf({
        [headers.deadReason]: why.reason,
        [headers.deadMessage]: why.message,
        [headers.deadTopic]: source.topic,
        [headers.deadPartition]: String(source.partition),
        [headers.deadOffset]: String(source.offset),
      }),
    ],
  };
}
