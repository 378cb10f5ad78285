import { RecordReader } from './record.ts';
import { DecodeError } from './wire-error.ts';

/** What is true of the records of a batch, all of them sound. */
export interface RecordWalk {
  /** In which place the first record without a key is; −1 when each has one. */
  readonly firstKeyless: number;
  /** Relative to the base timestamp of the batch. */
  readonly timestampDeltaMin: number;
  readonly timestampDeltaMax: number;
}

/**
 * Passes over the unpacked records of a batch as their producer sent it, without making anything of them: as many as the
 * header says, offsets that rise by one from 0, every length within its bounds.
 *
 * @throws DecodeError at the first thing that is otherwise
 */
export function walkRecords(bytes: Buffer, count: number): RecordWalk {
  const reader = new RecordReader(bytes, 0, bytes.length);
  let firstKeyless = -1;
  let timestampDeltaMin = Number.POSITIVE_INFINITY;
  let timestampDeltaMax = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < count; index++) {
    const { timestampDelta, offsetDelta, hasKey } = reader.skim();
    if (offsetDelta !== index) {
      throw new DecodeError(`expected offset delta ${index}, found ${offsetDelta}`, `records[${index}]`);
    }
    if (!hasKey && firstKeyless < 0) firstKeyless = index;
    if (timestampDelta < timestampDeltaMin) timestampDeltaMin = timestampDelta;
    if (timestampDelta > timestampDeltaMax) timestampDeltaMax = timestampDelta;
  }
  if (reader.at === bytes.length) return { firstKeyless, timestampDeltaMin, timestampDeltaMax };
  throw new DecodeError(`expected ${count} records, found ${bytes.length - reader.at} bytes behind them`, 'records');
}
