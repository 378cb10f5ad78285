import { messageOf } from '@millrace/std';
import {
  type BatchFlaw,
  type BatchHeader,
  checkBatch,
  decodeBatch,
  NO_PRODUCER_ID,
  readBatchHeader,
} from '@millrace/wire';

import { BATCH_BYTES_MAX } from './batch-scan.ts';
import { isCompacted, type LogConfig } from './log-config.ts';
import type { AppendOptions, Rejection } from './types.ts';

/**
 * What a batch must be before anything looks at what it means. One pass over the bytes, for the checksum; records
 * are looked at only where a compacted topic requires it.
 */
export function checkedHeader(
  batch: Buffer,
  config: LogConfig,
  origin: AppendOptions['origin'],
): BatchHeader | Rejection {
  const bytesMax = origin === 'client' ? config.messageBytesMax : BATCH_BYTES_MAX;
  if (batch.length > Math.min(bytesMax, BATCH_BYTES_MAX)) {
    return rejected('MESSAGE_TOO_LARGE', `expected a batch of at most ${bytesMax} bytes, found ${batch.length}`);
  }
  const flaw = checkBatch(batch);
  if (flaw !== 'ok') return rejected(errorOfFlaw[flaw], `expected a sound record batch, found: ${flaw}`);
  const header = readBatchHeader(batch);
  if (header.sizeInBytes !== batch.length) {
    const behind = batch.length - header.sizeInBytes;
    return rejected('INVALID_RECORD', `expected one record batch, found ${behind} bytes behind the first`);
  }
  return refusalOfHeader(header, origin) ?? refusalOfRecords(batch, header, config, origin) ?? header;
}

const errorOfFlaw: Readonly<Record<BatchFlaw, Rejection['error']>> = {
  truncated: 'CORRUPT_MESSAGE',
  'too short': 'CORRUPT_MESSAGE',
  'unsupported magic': 'UNSUPPORTED_FOR_MESSAGE_FORMAT',
  'checksum mismatch': 'CORRUPT_MESSAGE',
  'inconsistent counts': 'INVALID_RECORD',
};

function refusalOfHeader(header: BatchHeader, origin: AppendOptions['origin']): Rejection | undefined {
  const { recordCount, lastOffsetDelta, producerId, producerEpoch, baseSequence, isTransactional, isControl } = header;
  if (recordCount < 1 || recordCount !== lastOffsetDelta + 1) {
    const found = `${recordCount} records and last offset delta ${lastOffsetDelta}`;
    return rejected('INVALID_RECORD', `expected as many records as offsets, found ${found}`);
  }
  if (isControl && origin === 'client') {
    return rejected('INVALID_RECORD', 'expected records of a client, found a control batch');
  }
  if (producerId === NO_PRODUCER_ID) {
    if (!isTransactional) return undefined;
    return rejected('INVALID_RECORD', 'expected a producer id in a transactional batch, found none');
  }
  if (producerId < 0 || producerEpoch < 0) {
    return rejected('INVALID_RECORD', `expected a producer, found id ${producerId} and epoch ${producerEpoch}`);
  }
  if (origin === 'client' && baseSequence < 0) {
    return rejected('INVALID_RECORD', `expected a sequence of producer ${producerId}, found ${baseSequence}`);
  }
  return undefined;
}

/** Compaction works by key, so on such a topic a record without one could never go. */
function refusalOfRecords(
  batch: Buffer,
  header: BatchHeader,
  config: LogConfig,
  origin: AppendOptions['origin'],
): Rejection | undefined {
  if (origin !== 'client' || !isCompacted(config)) return undefined;
  if (header.codec === 'snappy' || header.codec === 'lz4' || header.codec === 'unknown') {
    const expected = 'expected a compacted topic to be written without compression, with gzip or with zstd';
    return rejected('UNSUPPORTED_COMPRESSION_TYPE', `${expected}, found ${header.codec}`);
  }
  try {
    const keyless = decodeBatch(batch).records.findIndex((record) => record.key === null);
    if (keyless < 0) return undefined;
    return rejected(
      'INVALID_RECORD',
      `expected a key in every record of a compacted topic, record ${keyless} has none`,
    );
  } catch (error) {
    return rejected('INVALID_RECORD', messageOf(error));
  }
}

function rejected(error: Rejection['error'], message: string): Rejection {
  return { error, message };
}
