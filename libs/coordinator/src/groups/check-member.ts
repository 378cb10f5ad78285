import { type KafkaError, errors } from '@millrace/wire';
import type { Group, Member } from './group.ts';

/** The member that a request comes from, or why it is not one (G1). */
export function checkMember(group: Group, memberId: string, instanceId: string | null): Member | KafkaError {
  if (instanceId !== null) {
    const owner = group.staticMembers.get(instanceId);
    if (owner === undefined) return errors.UNKNOWN_MEMBER_ID;
    if (owner !== memberId) return errors.FENCED_INSTANCE_ID;
  }
  return group.members.get(memberId) ?? errors.UNKNOWN_MEMBER_ID;
}

export function isError(found: object): found is KafkaError {
  return 'code' in found;
}
