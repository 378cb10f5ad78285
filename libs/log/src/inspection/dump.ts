import { join } from 'node:path';

import type { Disk } from '@millrace/std';
import {
  type BatchFlaw,
  type BatchHeader,
  checkBatch,
  controlTypeOf,
  decodeBatch,
  type WireRecord,
} from '@millrace/wire';

import { scanBatches } from '../batch-scan.ts';
import { offsetFileName } from '../file-names.ts';
import type { StoredPartition } from './stored-partition.ts';

export interface DumpedBatch {
  readonly segment: string;
  readonly position: number;
  readonly header: BatchHeader;
  readonly flaw: 'ok' | BatchFlaw;
  /** What a control batch says; undefined for data. */
  readonly control: 'commit' | 'abort' | 'unknown' | undefined;
  /** Unpacked when asked for. Valid until the next batch. @throws DecodeError when the bytes are no records */
  readonly records: () => readonly WireRecord[];
}

/** The batches of a partition from the one that holds `from`, whether or not they are sound, as far as they are batches. */
export function* dumpBatches(disk: Disk, partition: StoredPartition, from = 0): Generator<DumpedBatch> {
  const { segments, directory } = partition;
  for (const [index, baseOffset] of segments.entries()) {
    const next = segments[index + 1];
    if (next !== undefined && next <= from) continue;
    const segment = offsetFileName(baseOffset, 'log');
    const file = disk.open(join(directory, segment), { readOnly: true });
    try {
      for (const { position, header, bytes } of scanBatches(file, { from: 0, to: file.size(), isChecked: false })) {
        if (header.lastOffset < from) continue;
        const records = (): readonly WireRecord[] => decodeBatch(bytes()).records;
        yield { segment, position, header, flaw: checkBatch(bytes()), control: controlOf(header, records), records };
      }
    } finally {
      file.close();
    }
  }
}

function controlOf(header: BatchHeader, records: () => readonly WireRecord[]): DumpedBatch['control'] {
  if (!header.isControl) return undefined;
  try {
    const [record] = records();
    return (record && controlTypeOf(record)) ?? 'unknown';
  } catch {
    return 'unknown';
  }
}
