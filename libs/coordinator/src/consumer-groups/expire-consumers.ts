import type { Group } from '../groups/group.ts';
import type { Groups } from '../groups/groups.ts';
import type { Turn } from '../turn.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import { removeConsumer } from './heartbeat.ts';

/** Members that are silent for a session, or do not give up what they should, are out: what they held goes to others. */
export function expireConsumers(groups: Groups, turn: Turn, group: Group, consumers: ConsumerGroup): void {
  for (const member of Array.from(consumers.members.values())) {
    if (turn.now >= Math.min(member.sessionDeadline, member.revokeDeadline))
      removeConsumer(groups, turn, group, member);
  }
}

/** When the next of them is due. */
export function consumersDeadline({ members }: ConsumerGroup): number {
  let at = Infinity;
  for (const { sessionDeadline, revokeDeadline } of members.values())
    at = Math.min(at, sessionDeadline, revokeDeadline);
  return at;
}
