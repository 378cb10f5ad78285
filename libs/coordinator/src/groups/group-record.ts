import type { StateRecord } from '../effects.ts';
import { encodeVersioned } from '../records/keyed.ts';
import {
  groupMetadataKey,
  groupMetadataValue,
  offsetCommitKey,
  offsetCommitValue,
  written,
} from '../records/offset-records.ts';
import { type CommittedOffset, type Group, metadataOf } from './group.ts';

/** The generation of a group: written when it has its assignments, and when it becomes empty. */
export function groupRecord(group: Group): StateRecord {
  const value = encodeVersioned(groupMetadataValue, written.groupMetadataValue, {
    protocolType: group.protocolType ?? '',
    generation: group.generationId,
    protocol: group.protocolName,
    leader: group.leaderId,
    currentStateTimestamp: group.stateSince,
    members: Array.from(group.members.values(), (member) => ({
      memberId: member.id,
      groupInstanceId: member.instanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      rebalanceTimeout: member.rebalanceTimeoutMs,
      sessionTimeout: member.sessionTimeoutMs,
      subscription: metadataOf(member, group.protocolName),
      assignment: member.assignment,
    })),
  });
  return { key: groupKey(group.id), value };
}

export function groupTombstone(groupId: string): StateRecord {
  return { key: groupKey(groupId), value: null };
}

export function offsetRecord(groupId: string, topic: string, partition: number, commit: CommittedOffset): StateRecord {
  const { offset, leaderEpoch, metadata, committedAt: commitTimestamp } = commit;
  const value = encodeVersioned(offsetCommitValue, written.offsetCommitValue, {
    offset,
    leaderEpoch,
    metadata,
    commitTimestamp,
  });
  return { key: offsetKey(groupId, topic, partition), value };
}

export function offsetTombstone(groupId: string, topic: string, partition: number): StateRecord {
  return { key: offsetKey(groupId, topic, partition), value: null };
}

function groupKey(group: string): Buffer {
  return encodeVersioned(groupMetadataKey, written.groupMetadataKey, { group });
}

function offsetKey(group: string, topic: string, partition: number): Buffer {
  return encodeVersioned(offsetCommitKey, written.offsetCommitKey, { group, topic, partition });
}
