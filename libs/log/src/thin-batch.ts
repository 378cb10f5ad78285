import { assert } from '@millrace/std';
import { BATCH_HEADER_BYTES, BATCH_PREFIX_BYTES, sealChecksum, type WireRecord } from '@millrace/wire';

/**
 * The batch with some of its records left out, byte for byte otherwise.
 *
 * Q1. Base offset and last offset delta stay as they were: records keep their offsets, the producer its sequence, and a
 *     reader that is in the gap moves past it.
 */
export function thinBatch(batch: Buffer, records: readonly WireRecord[], isKept: readonly boolean[]): Buffer {
  const parts: Buffer[] = [Buffer.from(batch.subarray(0, BATCH_HEADER_BYTES))];
  let maxTimestamp = 0;
  let position = BATCH_HEADER_BYTES;
  for (const [index, record] of records.entries()) {
    const end = endOfRecord(batch, position);
    if (isKept[index] === true) {
      parts.push(batch.subarray(position, end));
      maxTimestamp = Math.max(maxTimestamp, record.timestamp);
    }
    position = end;
  }
  assert(
    position === batch.length,
    `expected ${records.length} records in ${batch.length} bytes, they end at ${position}`,
  );
  const thinned = Buffer.concat(parts);
  thinned.writeInt32BE(thinned.length - BATCH_PREFIX_BYTES, 8);
  thinned.writeBigInt64BE(BigInt(maxTimestamp), 35);
  thinned.writeInt32BE(parts.length - 1, 57);
  sealChecksum(thinned, 0);
  return thinned;
}

/** A record begins with its length, as a zigzag varint. */
function endOfRecord(batch: Buffer, start: number): number {
  let value = 0;
  let position = start;
  for (let shift = 0; ; shift += 7) {
    const byte = batch.readUInt8(position++);
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return position + ((value >>> 1) ^ -(value & 1));
  }
}
