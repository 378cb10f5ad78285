import { type BatchHeader, BATCH_HEADER_BYTES, checkBatch, readBatchHeader } from './batch-header.ts';
import { unpackRecords } from './compression.ts';
import { RecordReader, type WireRecord } from './record.ts';
import { DecodeError } from './wire-error.ts';

/**
 * The records of the batch at `start`. Trusts its checksum to have been checked (`checkBatch`) by whoever took it over;
 * still throws `DecodeError` on anything that does not add up.
 */
export function decodeBatch(buffer: Buffer, start = 0): { header: BatchHeader; records: WireRecord[] } {
  const header = wholeHeader(buffer, start);
  const bytes = unpackedBytes(buffer, header, start);
  // A record takes seven bytes at the least, with nothing in it.
  if (header.recordCount < 0 || header.recordCount * 7 > bytes.length) {
    throw new DecodeError(`expected ${header.recordCount} records, found ${bytes.length} bytes`, 'records');
  }
  const reader = new RecordReader(bytes, 0, bytes.length);
  // With log append time the deltas of the producer no longer count.
  const stamped = header.timestampType === 'LogAppendTime' ? header.maxTimestamp : undefined;
  const records: WireRecord[] = [];
  while (records.length < header.recordCount) {
    const record = reader.record(header.baseOffset, header.baseTimestamp);
    records.push(stamped === undefined ? record : { ...record, timestamp: stamped });
  }
  if (reader.at !== bytes.length) throw new DecodeError(`expected the records to end, found more bytes`, 'records');
  return { header, records };
}

/** The records of the batch at `start` one behind the other, as they are without compression. */
export function unpackedBytes(buffer: Buffer, header: BatchHeader, start = 0, bytesMax?: number): Buffer {
  const packed = buffer.subarray(start + BATCH_HEADER_BYTES, start + header.sizeInBytes);
  // Compaction may leave the header alone: then there is nothing that a codec could have begun.
  return header.recordCount === 0 ? packed : unpackRecords(header.codec, packed, bytesMax);
}

/** The batches in the `records` of a response; a batch cut off at the end, as Kafka sends it, is left out. */
export function* batchesIn(records: Buffer): Generator<{ readonly at: number; readonly header: BatchHeader }> {
  let at = 0;
  while (records.length - at >= BATCH_HEADER_BYTES) {
    const header = readBatchHeader(records, at);
    if (header.sizeInBytes < BATCH_HEADER_BYTES) {
      throw new DecodeError(`expected a batch, found one of ${header.sizeInBytes} bytes`, `records[${at}]`);
    }
    if (header.sizeInBytes > records.length - at) return;
    if (checkBatch(records, at) !== 'ok') {
      throw new DecodeError(`expected a sound batch, found ${checkBatch(records, at)}`, `records[${at}]`);
    }
    yield { at, header };
    at += header.sizeInBytes;
  }
}

function wholeHeader(buffer: Buffer, start: number): BatchHeader {
  const left = buffer.length - start;
  if (left < BATCH_HEADER_BYTES) throw new DecodeError(`expected a batch, found ${left} bytes`);
  const header = readBatchHeader(buffer, start);
  if (header.sizeInBytes < BATCH_HEADER_BYTES || header.sizeInBytes > left) {
    throw new DecodeError(`expected a batch of ${header.sizeInBytes} bytes, found ${left}`);
  }
  return header;
}
