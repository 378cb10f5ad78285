import { messageOf } from '@millrace/std';
import {
  type BatchHeader,
  patchMaxTimestamp,
  readBatchHeader,
  type RecordWalk,
  unpackedBytes,
  walkRecords,
  WireError,
} from '@millrace/wire';

import { isCompacted, type LogConfig, UNLIMITED } from './log-config.ts';
import type { Rejection } from './types.ts';

/** What a batch of a producer may unpack to. It holds up everybody while it is unpacked, so it is less than a reader takes. */
const PRODUCED_UNPACKED_BYTES_MAX = 64 * 1024 * 1024;

/** Kafka's -1, for a record whose producer gave it no time. */
const NO_TIMESTAMP = -1;

/** Who hears of so many records that lack a key knows enough: a batch may hold millions. */
const KEYLESS_MAX = 1_000;

/**
 * The rules that go by record, as Kafka has them.
 *
 * Q1. Every batch is walked, what is compressed after it was unpacked once: a batch that no consumer could read, or whose
 *     records do not have the offsets and times that its header says, would otherwise stop every reader of the partition
 *     at that place, or mislead who searches by time.
 * Q2. On a compacted topic each record has a key: without one it could never go.
 * Q3. The time of a record lies within the bounds of the topic, unless the log stamps it anyway.
 */
export function checkedRecords(
  batch: Buffer,
  header: BatchHeader,
  config: LogConfig,
  now: number,
): BatchHeader | Rejection {
  const isStamped = config.timestampType === 'LogAppendTime';
  if (header.timestampType === 'LogAppendTime') {
    return rejected('INVALID_TIMESTAMP', 'expected create time in a batch of a client, found log append time');
  }
  const latest = header.maxTimestamp;
  if (!isStamped && latest !== NO_TIMESTAMP && latest > now + config.timestampAfterMsMax) {
    return outOfBounds(latest, now, config);
  }
  const walked = walk(batch, header, isCompacted(config) ? KEYLESS_MAX : 0);
  if ('error' in walked) return walked;
  const [firstKeyless] = walked.keyless;
  if (firstKeyless !== undefined) {
    const message = `expected a key in every record of a compacted topic, record ${firstKeyless} has none`;
    return { ...rejected('INVALID_RECORD', message), recordIndexes: walked.keyless };
  }
  const first = header.baseTimestamp + walked.timestampDeltaMin;
  const last = header.baseTimestamp + walked.timestampDeltaMax;
  if (!isStamped && first !== NO_TIMESTAMP && first < now - config.timestampBeforeMsMax) {
    return outOfBounds(first, now, config);
  }
  if (!isStamped && last !== NO_TIMESTAMP && last > now + config.timestampAfterMsMax) {
    return outOfBounds(last, now, config);
  }
  if (last === latest) return header;
  // The index of times goes by this field, so it has to be true.
  patchMaxTimestamp(batch, last);
  return readBatchHeader(batch);
}

function walk(batch: Buffer, header: BatchHeader, keylessMax: number): RecordWalk | Rejection {
  try {
    const records = unpackedBytes(batch, header, 0, PRODUCED_UNPACKED_BYTES_MAX);
    return walkRecords(records, header.recordCount, keylessMax);
  } catch (error) {
    const code = error instanceof WireError ? error.code : undefined;
    if (code === 'RECORDS_TOO_LARGE') return rejected('MESSAGE_TOO_LARGE', messageOf(error));
    if (code === 'UNSUPPORTED_CODEC') return rejected('UNSUPPORTED_COMPRESSION_TYPE', messageOf(error));
    return rejected('INVALID_RECORD', messageOf(error));
  }
}

function outOfBounds(timestamp: number, now: number, config: LogConfig): Rejection {
  const { timestampBeforeMsMax: before, timestampAfterMsMax: after } = config;
  const from = before === UNLIMITED ? 'any time' : `${now - before}`;
  const to = after === UNLIMITED ? 'any time' : `${now + after}`;
  return rejected('INVALID_TIMESTAMP', `expected a timestamp from ${from} to ${to}, found ${timestamp}`);
}

function rejected(error: Rejection['error'], message: string): Rejection {
  return { error, message };
}
