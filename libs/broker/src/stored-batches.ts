import type { StoredBatch } from '@millrace/coordinator';
import type { Log } from '@millrace/log';
import { assert } from '@millrace/std';
import { batchesIn, controlTypeOf, decodeBatch } from '@millrace/wire';

const READ_BYTES = 1024 * 1024;

/** Every batch of an internal partition, in log order, as coordinators load them. */
export function* storedBatches(log: Log): Generator<StoredBatch> {
  let offset = log.logStartOffset;
  for (;;) {
    const read = log.read(offset, READ_BYTES, { isolation: 'read_uncommitted', atLeastOne: true });
    assert(read.error === undefined, `expected to read an internal topic from offset ${offset}: ${read.error}`);
    for (const chunk of read.chunks) {
      for (const { at } of batchesIn(chunk)) {
        const batch = storedBatch(chunk, at);
        if (batch !== undefined) yield batch;
      }
    }
    if (read.nextOffset <= offset) return;
    offset = read.nextOffset;
  }
}

function storedBatch(chunk: Buffer, at: number): StoredBatch | undefined {
  const { header, records } = decodeBatch(chunk, at);
  const { producerId, producerEpoch, isControl, isTransactional } = header;
  if (isControl) {
    const [record] = records;
    // A compacted batch may have lost its records; what it said is then in nobody's state.
    const result = record === undefined ? undefined : controlTypeOf(record);
    return result === undefined ? undefined : { kind: 'marker', result, producerId, producerEpoch };
  }
  // Only its offsets are left of it: it opens no transaction.
  if (records.length === 0) return undefined;
  return {
    kind: 'records',
    records: records.map(({ key, value }) => ({ key: key ?? Buffer.alloc(0), value })),
    transaction: isTransactional ? { producerId, producerEpoch } : null,
  };
}
