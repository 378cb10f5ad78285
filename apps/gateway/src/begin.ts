/** Where a stream begins: behind the id that the watcher has, or where one without an id should. */
import { parsePosition, type ResetNotice } from '@millrace/contract';
import type { Projection } from '@millrace/projection';

export interface Begin<Position> {
  readonly at: Position;
  /** The id was of no use: what the watcher has seen may have gaps. */
  readonly reset?: ResetNotice;
}

const notices = {
  NOT_A_POSITION: 'expected the id of an event of this stream',
  EPOCH_CHANGED: 'the log is another one than when this id was given out',
  EXPIRED: 'the log no longer holds what followed this id',
  AHEAD_OF_LOG: 'the log ends before this id',
} as const satisfies Record<ResetNotice['reason'], string>;

type Checked = { readonly reason: ResetNotice['reason'] } | { readonly nextOffsets: ReadonlyMap<number, number> };

export async function beginInstance(
  projection: Projection,
  partition: number,
  lastEventId: string | undefined,
  from: 'start' | 'now',
): Promise<Begin<number>> {
  const begin = from === 'now' ? projection.feed.position(partition) : 0;
  if (lastEventId === undefined) return { at: begin };
  const checked = await check(projection, lastEventId, (position) =>
    position.kind === 'instance' && position.partition === partition ? [[partition, position.offset + 1]] : undefined,
  );
  if ('reason' in checked) return { at: begin, reset: noticeOf(checked.reason) };
  return { at: checked.nextOffsets.get(partition) ?? begin };
}

export async function beginAll(
  projection: Projection,
  lastEventId: string | undefined,
  from: 'start' | 'now',
): Promise<Begin<number[]>> {
  const { log, feed } = projection;
  const now = (): number[] => [...feed.positions];
  if (lastEventId === undefined) {
    return { at: from === 'now' ? now() : (await log.bounds()).map(({ start }) => start) };
  }
  const checked = await check(projection, lastEventId, (position) =>
    position.kind === 'all' ? position.nextOffsets.entries() : undefined,
  );
  if ('reason' in checked) return { at: now(), reset: noticeOf(checked.reason) };
  // A partition that the log has got since then is new to the watcher from its start.
  return { at: now().map((_, partition) => checked.nextOffsets.get(partition) ?? 0) };
}

async function check(
  { log, feed }: Projection,
  lastEventId: string,
  offsetsOf: (position: NonNullable<ReturnType<typeof parsePosition>>) => Iterable<[number, number]> | undefined,
): Promise<Checked> {
  const position = parsePosition(lastEventId);
  const offsets = position === undefined ? undefined : offsetsOf(position);
  if (position === undefined || offsets === undefined) return { reason: 'NOT_A_POSITION' };
  if (position.epoch !== log.epoch) return { reason: 'EPOCH_CHANGED' };
  const nextOffsets = new Map(offsets);
  const isNear = [...nextOffsets].every(
    ([partition, at]) => at <= feed.position(partition) && feed.tailSince(partition, at, 0) !== undefined,
  );
  if (isNear) return { nextOffsets };
  const bounds = await log.bounds();
  for (const [partition, at] of nextOffsets) {
    const bound = bounds[partition];
    if (bound === undefined || at > bound.end) return { reason: 'AHEAD_OF_LOG' };
    if (at < bound.start) return { reason: 'EXPIRED' };
  }
  return { nextOffsets };
}

const noticeOf = (reason: ResetNotice['reason']): ResetNotice => ({ reason, message: notices[reason] });
