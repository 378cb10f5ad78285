import { RecordReader } from './record.ts';
import { DecodeError } from './wire-error.ts';

/** Who hears of so many records that lack a key knows enough: a batch may hold millions. */
const KEYLESS_MAX = 1_000;
const NONE: readonly number[] = [];

/** What is true of the records of a batch, all of them sound. */
export interface RecordWalk {
  /** In which places records without a key are, the first `KEYLESS_MAX` of them. */
  readonly keyless: readonly number[];
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
  let keyless: number[] | undefined;
  let timestampDeltaMin = Number.POSITIVE_INFINITY;
  let timestampDeltaMax = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < count; index++) {
    const { timestampDelta, offsetDelta, hasKey } = reader.skim();
    if (offsetDelta !== index) {
      throw new DecodeError(`expected offset delta ${index}, found ${offsetDelta}`, `records[${index}]`);
    }
    if (!hasKey) {
      keyless ??= [];
      if (keyless.length < KEYLESS_MAX) keyless.push(index);
    }
    if (timestampDelta < timestampDeltaMin) timestampDeltaMin = timestampDelta;
    if (timestampDelta > timestampDeltaMax) timestampDeltaMax = timestampDelta;
  }
  if (reader.at === bytes.length) return { keyless: keyless ?? NONE, timestampDeltaMin, timestampDeltaMax };
  throw new DecodeError(`expected ${count} records, found ${bytes.length - reader.at} bytes behind them`, 'records');
}
