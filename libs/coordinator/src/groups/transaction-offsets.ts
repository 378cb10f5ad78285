import type { Marker, ReplyTo } from '../effects.ts';
import type { Turn } from '../turn.ts';
import type { Group } from './group.ts';
import type { Groups } from './groups.ts';
import { settle } from './rebalance.ts';

/** The end of a producer's transaction, live: its marker goes into this partition, its offsets count from now on or never. */
export function endTransactionOffsets(groups: Groups, turn: Turn, marker: Marker, to: ReplyTo<null>): void {
  turn.appendMarker(marker);
  for (const group of applyMarker(groups, marker)) settle(groups, turn, group);
  turn.reply(to, null);
}

/** The same on live groups and on those that load; returns the groups concerned. */
export function applyMarker(
  groups: Groups,
  { producerId, result }: Pick<Marker, 'producerId' | 'result'>,
): Iterable<Group> {
  const involved = groups.pendingGroups.get(producerId) ?? new Set<Group>();
  groups.pendingGroups.delete(producerId);
  for (const group of involved) {
    const pending = group.pendingOffsets.get(producerId);
    group.pendingOffsets.delete(producerId);
    if (pending === undefined || result === 'abort') continue;
    for (const { topic, partition, value } of pending.offsets.entries()) {
      // A plain commit that came after the transaction's own is the later word.
      const current = group.offsets.get(topic, partition);
      if (current === undefined || current.order < value.order) group.offsets.set(topic, partition, value);
    }
  }
  return involved;
}
