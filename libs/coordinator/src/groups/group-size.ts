import { consumersBytes } from '../consumer-groups/consumer-group-size.ts';
import type { Group, Member } from './group.ts';

/** A group with nothing in it, a member, and a protocol of a member: objects and map entries around what clients send. */
const GROUP_BYTES = 1_000;
const MEMBER_BYTES = 600;
const PROTOCOL_BYTES = 150;

/** What a member takes in memory, about. */
export function memberBytes({
  id,
  instanceId,
  clientId,
  protocols,
  assignment,
}: Pick<Member, 'id' | 'instanceId' | 'clientId' | 'protocols' | 'assignment'>): number {
  let bytes = MEMBER_BYTES + assignment.length + 2 * (id.length + clientId.length + (instanceId?.length ?? 0));
  for (const { name, metadata } of protocols) bytes += PROTOCOL_BYTES + 2 * name.length + metadata.length;
  return bytes;
}

/** What a group takes in memory, about: members, those who are about to become one, offsets. */
export function groupBytes(group: Group): number {
  let bytes = GROUP_BYTES + 2 * group.id.length + group.offsets.bytes;
  for (const member of group.members.values()) bytes += memberBytes(member);
  for (const id of group.pendingMembers.keys()) bytes += MEMBER_BYTES + 2 * id.length;
  if (group.consumers !== null) bytes += consumersBytes(group.consumers);
  for (const { offsets } of group.pendingOffsets.values()) bytes += GROUP_BYTES + offsets.bytes;
  return bytes;
}
