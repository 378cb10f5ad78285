import { headers } from './headers.ts';
import { type OutgoingRecord, headersOf } from './record.ts';
import type { Topics } from './topics.ts';
import type { Unusable } from './unusable.ts';

/** Where the record was, or, of one that could not be sent, where it should have gone: then without partition and offset. */
interface DeadLetterSource {
  readonly topic: string;
  readonly partition?: number;
  readonly offset?: number;
}

/** B5. The record as it came, and why and from where in headers: fixing the cause, one can send it again. */
export function deadLetter(
  topics: Topics,
  record: Pick<OutgoingRecord, 'key' | 'value' | 'headers'>,
  source: DeadLetterSource,
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
        [headers.deadPartition]: text(source.partition),
        [headers.deadOffset]: text(source.offset),
      }),
    ],
  };
}

function text(number: number | undefined): string | undefined {
  return number === undefined ? undefined : String(number);
}
