import { decodeBatch, type WireRecord } from '@millrace/wire';

import { BatchWalk, type WalkOptions } from './batch-walk.ts';
import { abortedFilter } from './log-reader.ts';
import type { Segment } from './segment.ts';

/** Of the keys that one run of compaction may remember. With more the run ends earlier, and the next goes on from there. */
const KEYS_MAX = 1_000_000;
const KEY_BYTES_MAX = 64 * 1024 * 1024;

/** Where each key has its last record, of those below `end`. */
export class Latest {
  readonly #offsets = new Map<string, number>();
  #keyBytes = 0;
  /** What lies at it or behind has not been looked at, and stays as it is. */
  end: number;

  constructor(end: number) {
    this.end = end;
  }

  get isFull(): boolean {
    return this.#offsets.size >= KEYS_MAX || this.#keyBytes >= KEY_BYTES_MAX;
  }

  note(record: WireRecord): void {
    if (record.key === null) return;
    const key = keyOf(record.key);
    if (!this.#offsets.has(key)) this.#keyBytes += record.key.length;
    this.#offsets.set(key, record.offset);
  }

  isLatest(record: WireRecord): boolean {
    // From before the topic was compacted: nothing says what could replace it.
    if (record.key === null) return true;
    const offset = this.#offsets.get(keyOf(record.key));
    return offset === undefined || offset <= record.offset;
  }
}

export async function latestOffsets(
  options: WalkOptions & { readonly cleanedTo: number },
  dirty: readonly Segment[],
): Promise<Latest> {
  const { segments, cleanedTo } = options;
  const latest = new Latest(Math.max(cleanedTo, dirty[0]?.baseOffset ?? cleanedTo));
  for (const segment of dirty) {
    for await (const { header, source } of new BatchWalk(options, segment).from(
      Math.max(segment.baseOffset, cleanedTo),
    )) {
      if (latest.isFull) return latest;
      latest.end = header.lastOffset + 1;
      if (header.isControl) continue;
      if (
        header.isTransactional &&
        abortedFilter(segments, header.baseOffset)?.(source, 0, header.baseOffset) === true
      ) {
        continue;
      }
      for (const record of readableRecords(source) ?? []) latest.note(record);
    }
    if (options.isClosed()) return latest;
    latest.end = segment.nextOffset;
  }
  return latest;
}

/** Undefined when the bytes are no records: from before the topic was compacted, since when they are looked at. */
export function readableRecords(batch: Buffer): WireRecord[] | undefined {
  try {
    return decodeBatch(batch).records;
  } catch {
    return undefined;
  }
}

/** One character per byte: equal keys give equal strings, whatever the bytes are. */
const keyOf = (key: Buffer): string => key.toString('latin1');
