import type { ConsumerGroup, ConsumerMember } from './consumer-group.ts';
import { countOf } from './partitions.ts';

const MEMBER_BYTES = 800;
const NAME_BYTES = 60;
/** In the target, with its member, and in who holds what. */
const PARTITION_BYTES = 200;

type Said = Pick<ConsumerMember, 'topicNames' | 'topicRegex'>;

/** What a member takes in memory by what it says, about. */
export function consumerMemberBytes({ topicNames, topicRegex }: Said): number {
  let bytes = MEMBER_BYTES + 2 * (topicRegex?.length ?? 0);
  for (const name of topicNames) bytes += NAME_BYTES + 2 * name.length;
  return bytes;
}

/** What all members take in memory, about. */
export function consumersBytes({ members }: ConsumerGroup): number {
  let bytes = 0;
  for (const member of members.values()) {
    bytes += consumerMemberBytes(member) + 2 * (member.id.length + member.clientId.length);
    bytes += PARTITION_BYTES * (countOf(member.assigned) + countOf(member.revoking));
  }
  return bytes;
}
