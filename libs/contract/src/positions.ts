/**
 * Where a watcher is, as it travels in the `id` field of server-sent events and in `?lastEventId=`.
 *
 * One instance: `partition.offset@epoch`, the offset of the last event seen.
 * All: `~o0.o1.…@epoch`, for every partition the offset of the next event to see.
 *
 * The epoch names one life of the log. Offsets of another life mean other events, so such an id has expired.
 */
export type WatchPosition =
  | { readonly kind: 'instance'; readonly partition: number; readonly offset: number; readonly epoch: string }
  | { readonly kind: 'all'; readonly nextOffsets: readonly number[]; readonly epoch: string };

// Bounds the work of parsing; a log has far fewer partitions than fit.
const POSITION_LENGTH_MAX = 8_192;

export const instancePosition = (partition: number, offset: number, epoch: string): string =>
  `${partition}.${offset}@${epoch}`;

export const allPosition = (nextOffsets: readonly number[], epoch: string): string =>
  `~${nextOffsets.join('.')}@${epoch}`;

/** Undefined for what none of the two functions above could have written. */
export function parsePosition(text: string): WatchPosition | undefined {
  if (text.length > POSITION_LENGTH_MAX) return undefined;
  const match = /^(~?)(\d{1,16}(?:\.\d{1,16})*)@([A-Za-z0-9_-]{1,64})$/.exec(text);
  if (match === null) return undefined;
  const numbers = (match[2] as string).split('.').map(Number);
  const epoch = match[3] as string;
  if (!numbers.every(Number.isSafeInteger)) return undefined;
  if (match[1] === '~') return { kind: 'all', nextOffsets: numbers, epoch };
  const [partition, offset, ...rest] = numbers;
  if (partition === undefined || offset === undefined || rest.length > 0) return undefined;
  return { kind: 'instance', partition, offset, epoch };
}
