import { errors, type KafkaError } from '@millrace/wire';
import type { ConsumerGroup } from './consumer-group.ts';

/** U2: whether a member with this epoch may commit and fetch offsets; null if so. */
export function checkConsumer({ members }: ConsumerGroup, memberId: string, memberEpoch: number): KafkaError | null {
  const member = members.get(memberId);
  if (member === undefined) return errors.UNKNOWN_MEMBER_ID;
  return member.epoch === memberEpoch ? null : errors.STALE_MEMBER_EPOCH;
}
