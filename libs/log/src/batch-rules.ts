import {
  type BatchFlaw,
  type BatchHeader,
  checkBatch,
  NO_PRODUCER_ID,
  packBatch,
  readBatchHeader,
} from '@millrace/wire';

import { BATCH_BYTES_MAX } from './batch-scan.ts';
import { type LogConfig, packingOf } from './log-config.ts';
import { checkedRecords } from './record-rules.ts';
import type { AppendOptions, Rejection } from './types.ts';

/** A batch that may be appended as far as its bytes go. */
export interface AdmittedBatch {
  /** The one that was given, or the same records packed as the topic wants them. */
  readonly batch: Buffer;
  readonly header: BatchHeader;
}

/**
 * What a batch must be before anything looks at what it means: one pass over its bytes, for the checksum, and one over its
 * records (`record-rules.ts`).
 */
export function admittedBatch(
  batch: Buffer,
  config: LogConfig,
  origin: AppendOptions['origin'],
  now: number,
): AdmittedBatch | Rejection {
  const bytesMax = origin === 'client' ? Math.min(config.messageBytesMax, BATCH_BYTES_MAX) : BATCH_BYTES_MAX;
  if (batch.length > bytesMax) return tooLarge(batch, bytesMax);
  const flaw = checkBatch(batch);
  if (flaw !== 'ok') return rejected(errorOfFlaw[flaw], `expected a sound record batch, found: ${flaw}`);
  const header = readBatchHeader(batch);
  if (header.sizeInBytes !== batch.length) {
    const behind = batch.length - header.sizeInBytes;
    return rejected('INVALID_RECORD', `expected one record batch, found ${behind} bytes behind the first`);
  }
  const refusal = refusalOfHeader(header, origin);
  if (refusal !== undefined) return refusal;
  if (origin === 'coordinator') return { batch, header };
  const checked = checkedRecords(batch, header, config, now);
  if ('error' in checked) return checked;
  const packing = packingOf(config);
  if (packing === undefined || packing.codec === checked.codec) return { batch, header: checked };
  const packed = packBatch(batch, packing);
  return packed.length > bytesMax ? tooLarge(packed, bytesMax) : { batch: packed, header: readBatchHeader(packed) };
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
  if (header.maxTimestamp > Number.MAX_SAFE_INTEGER) {
    return rejected('INVALID_TIMESTAMP', `expected a timestamp in ms, found ${header.maxTimestamp}`);
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

function tooLarge(batch: Buffer, bytesMax: number): Rejection {
  return rejected('MESSAGE_TOO_LARGE', `expected a batch of at most ${bytesMax} bytes, found ${batch.length}`);
}

function rejected(error: Rejection['error'], message: string): Rejection {
  return { error, message };
}
