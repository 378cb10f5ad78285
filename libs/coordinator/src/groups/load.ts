import { ConsumerGroup } from '../consumer-groups/consumer-group.ts';
import type { ProducerIdentity, StateRecord } from '../effects.ts';
import { decodeVersioned, versionOf } from '../records/keyed.ts';
import {
  consumerGroupMetadataKey,
  consumerGroupMetadataValue,
  groupMetadataKey,
  groupMetadataValue,
  offsetCommitKey,
  offsetCommitValue,
} from '../records/offset-records.ts';
import type { StoredBatch } from '../records/stored-batch.ts';
import type { Turn } from '../turn.ts';
import { type CommittedOffset, Group, type Member } from './group.ts';
import type { Groups } from './groups.ts';
import { OffsetMap } from './offset-map.ts';
import { extendSession, prepareRebalance, settle } from './rebalance.ts';
import { applyMarker } from './transaction-offsets.ts';

/** One batch of the log, in order: what live turns wrote leads back to the state that they left. */
export function loadBatch(groups: Groups, batch: StoredBatch): void {
  if (batch.kind === 'marker') {
    applyMarker(groups, batch);
    return;
  }
  for (const record of batch.records) {
    switch (versionOf(record.key)) {
      case 0:
      case 1:
        loadOffset(groups, record, batch.transaction);
        break;
      case 2:
        loadGroup(groups, record);
        break;
      case 3:
        loadConsumers(groups, record);
        break;
      // Other kinds are of newer brokers: whoever wrote them is not here any more.
    }
  }
}

/**
 * Everything is loaded. Dynamic members are not taken over: they hear UNKNOWN_MEMBER_ID and join again at once, instead
 * of every rebalance waiting for those that the restart has scared away. Static members stay.
 */
export function startGroups(groups: Groups, turn: Turn): void {
  groups.retentionCheckAt = turn.now + groups.limits.retentionCheckMs;
  for (const group of Array.from(groups.groups.values())) {
    // Their offsets are kept from now on: who was a member will be back.
    if (group.consumers !== null) group.stateSince = turn.now;
    const total = group.members.size;
    for (const member of group.members.values()) {
      if (member.instanceId === null) group.members.delete(member.id);
      else extendSession(turn, member);
    }
    if (group.members.size > 0) {
      group.state = 'Stable';
      if (group.members.size < total) prepareRebalance(groups, turn, group);
    } else if (total > 0) {
      // Their offsets are to be kept from now on, not from when the group last changed.
      group.leaderId = null;
      group.protocolName = null;
      group.enter('Empty', turn.now);
    }
    settle(groups, turn, group);
  }
}

function loadOffset(groups: Groups, { key, value }: StateRecord, transaction: ProducerIdentity | null): void {
  const { group: groupId, topic, partition } = decodeVersioned(offsetCommitKey, key);
  const group = loaded(groups, groupId);
  if (value === null) {
    group.removeOffset(topic, partition);
    return;
  }
  const { offset, leaderEpoch, metadata, commitTimestamp } = decodeVersioned(offsetCommitValue, value);
  const commit = { offset, leaderEpoch, metadata, committedAt: commitTimestamp, order: groups.nextCommit() };
  if (transaction === null) group.offsets.set(topic, partition, commit);
  else keepPending(groups, group, transaction, topic, partition, commit);
}

function keepPending(
  groups: Groups,
  group: Group,
  { producerId, producerEpoch }: ProducerIdentity,
  topic: string,
  partition: number,
  commit: CommittedOffset,
): void {
  const offsets = group.pendingOffsets.get(producerId)?.offsets ?? new OffsetMap();
  offsets.set(topic, partition, commit);
  group.pendingOffsets.set(producerId, { producerEpoch, offsets });
  groups.pendingGroups.set(producerId, (groups.pendingGroups.get(producerId) ?? new Set()).add(group));
}

/** How far the epochs have gone; members are not taken over, like dynamic ones of the classic protocol. */
function loadConsumers(groups: Groups, { key, value }: StateRecord): void {
  const { groupId } = decodeVersioned(consumerGroupMetadataKey, key);
  if (value === null) {
    const known = groups.groups.get(groupId);
    if (known !== undefined) known.consumers = null;
    return;
  }
  const group = loaded(groups, groupId);
  group.protocolType = 'consumer';
  group.consumers = new ConsumerGroup();
  group.consumers.epoch = decodeVersioned(consumerGroupMetadataValue, value).epoch;
}

function loadGroup(groups: Groups, { key, value }: StateRecord): void {
  const { group: groupId } = decodeVersioned(groupMetadataKey, key);
  if (value === null) {
    const group = groups.groups.get(groupId);
    if (group !== undefined) groups.forget(group);
    return;
  }
  const stored = decodeVersioned(groupMetadataValue, value);
  const group = loaded(groups, groupId);
  group.generationId = stored.generation;
  group.protocolType = stored.protocolType === '' ? null : stored.protocolType;
  group.protocolName = stored.protocol;
  group.leaderId = stored.leader;
  group.stateSince = Math.max(0, stored.currentStateTimestamp);
  group.members.clear();
  group.staticMembers.clear();
  for (const one of stored.members) {
    const member: Member = {
      id: one.memberId,
      instanceId: one.groupInstanceId,
      clientId: one.clientId,
      clientHost: one.clientHost,
      sessionTimeoutMs: one.sessionTimeout,
      rebalanceTimeoutMs: one.rebalanceTimeout > 0 ? one.rebalanceTimeout : one.sessionTimeout,
      protocols: [{ name: stored.protocol ?? '', metadata: Buffer.from(one.subscription) }],
      assignment: Buffer.from(one.assignment),
      joining: null,
      syncing: null,
      isNew: false,
      hasSynced: true,
      sessionDeadline: 0,
    };
    group.members.set(member.id, member);
    if (member.instanceId !== null) group.staticMembers.set(member.instanceId, member.id);
  }
}

/** Whatever the log holds is taken: the limit on groups is for new ones. */
function loaded(groups: Groups, groupId: string): Group {
  const known = groups.groups.get(groupId);
  if (known !== undefined) return known;
  const group = new Group(groupId, 0);
  groups.groups.set(groupId, group);
  return group;
}
