import { type KafkaError, errors } from '@millrace/wire';
import type { Caller, StateRecord } from '../effects.ts';
import type { Turn } from '../turn.ts';
import { checkMember, isError } from './check-member.ts';
import { checkConsumer } from '../consumer-groups/check-consumer.ts';
import { isInUse, type Group } from './group.ts';
import { offsetRecord } from './group-record.ts';
import type { Groups } from './groups.ts';
import { OffsetMap, offsetBytes } from './offset-map.ts';
import type {
  OffsetCommitRequest,
  OffsetCommitResponse,
  TxnOffsetCommitRequest,
  TxnOffsetCommitResponse,
} from './messages.ts';
import { extendSession, settle } from './rebalance.ts';

type Topics = OffsetCommitRequest['topics'];
type CommittedPartition = Topics[number]['partitions'][number];
type Committer = Pick<OffsetCommitRequest, 'groupId' | 'generationId' | 'memberId' | 'groupInstanceId'>;

/** OffsetCommit: by a member for its group (G4), or by a client that assigns partitions to itself, while no member is there. */
export function commitOffsets(
  groups: Groups,
  turn: Turn,
  request: OffsetCommitRequest,
  caller: Caller<OffsetCommitResponse>,
): void {
  const group = openForCommit(groups, turn, request, caller.apiVersion >= 9);
  const refusal = isError(group) ? group : checkCommitter(group, request);
  if (isError(group) || refusal !== null)
    return turn.reply(caller.to, refuseAll(request.topics, refusal as KafkaError));

  const member = group.members.get(request.memberId);
  if (member !== undefined) extendSession(turn, member);
  const { records, response } = take(groups, turn, group, request.topics, group.offsets);
  turn.append(records);
  turn.reply(caller.to, response);
  settle(groups, turn, group);
}

/**
 * TxnOffsetCommit: the offsets wait for the end of the transaction. During a rebalance they are taken as well: the
 * transaction holds records that come from these very offsets.
 */
export function commitTransactionOffsets(
  groups: Groups,
  turn: Turn,
  request: TxnOffsetCommitRequest,
  caller: Caller<TxnOffsetCommitResponse>,
): void {
  const { producerId, producerEpoch } = request;
  const group = openForCommit(groups, turn, request, false);
  const refusal = isError(group) ? group : checkTransactionCommitter(group, request);
  if (isError(group) || refusal !== null)
    return turn.reply(caller.to, refuseAll(request.topics, refusal as KafkaError));

  const known = group.pendingOffsets.get(producerId);
  const pending = known ?? { producerEpoch, offsets: new OffsetMap() };
  const { records, response } = take(groups, turn, group, request.topics, pending.offsets);
  if (records.length > 0) {
    group.pendingOffsets.set(producerId, { ...pending, producerEpoch });
    const involved = groups.pendingGroups.get(producerId) ?? new Set();
    groups.pendingGroups.set(producerId, involved.add(group));
  }
  turn.append(records, { producerId, producerEpoch });
  turn.reply(caller.to, response);
  settle(groups, turn, group);
}

/** A group comes into being with the first offset of a client without membership. OffsetCommit 9 has a name for a missing one. */
function openForCommit(
  groups: Groups,
  turn: Turn,
  { groupId, generationId }: Committer,
  knowsNotFound: boolean,
): Group | KafkaError {
  const known = groups.groups.get(groupId);
  if (known !== undefined) return known;
  if (generationId < 0) return groups.open(groupId, turn.now);
  return knowsNotFound ? errors.GROUP_ID_NOT_FOUND : errors.ILLEGAL_GENERATION;
}

function checkCommitter(group: Group, committer: Committer): KafkaError | null {
  const { generationId, memberId, groupInstanceId } = committer;
  if (generationId < 0 && !isInUse(group)) return null;
  if (group.consumers !== null) return checkConsumer(group.consumers, memberId, generationId);
  const claimsMembership = generationId >= 0 || memberId !== '' || groupInstanceId !== null;
  if (!claimsMembership) return errors.UNKNOWN_MEMBER_ID;
  const refusal = checkMembership(group, committer);
  if (refusal !== null) return refusal;
  // It has the new generation and does not know its assignment yet: whatever it read belongs to the old one.
  return group.state === 'CompletingRebalance' ? errors.REBALANCE_IN_PROGRESS : null;
}

/** Before version 3 a transaction's committer does not say who it is; then its producer epoch alone fences it. */
function checkTransactionCommitter(group: Group, request: TxnOffsetCommitRequest): KafkaError | null {
  const { generationId, memberId, groupInstanceId, producerId, producerEpoch } = request;
  const pending = group.pendingOffsets.get(producerId);
  if (pending !== undefined && producerEpoch < pending.producerEpoch) return errors.INVALID_PRODUCER_EPOCH;
  const claimsMembership = generationId >= 0 || memberId !== '' || groupInstanceId !== null;
  if (group.consumers !== null && claimsMembership) return checkConsumer(group.consumers, memberId, generationId);
  return claimsMembership ? checkMembership(group, request) : null;
}

function checkMembership(group: Group, { generationId, memberId, groupInstanceId }: Committer): KafkaError | null {
  const member = checkMember(group, memberId, groupInstanceId);
  if (isError(member)) return member;
  return generationId === group.generationId ? null : errors.ILLEGAL_GENERATION;
}

/** Partition by partition: one that is refused does not hold up the others. */
function take(
  groups: Groups,
  turn: Turn,
  group: Group,
  topics: Topics,
  into: OffsetMap,
): { records: StateRecord[]; response: OffsetCommitResponse } {
  const records: StateRecord[] = [];
  let room = groups.roomOf(group);
  const results = topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map((asked) => {
      const error = checkOffset(groups, name, asked);
      if (error !== errors.NONE) return { partition: asked.partition, errorCode: error.code };
      const commit = {
        offset: asked.committedOffset,
        leaderEpoch: asked.committedLeaderEpoch,
        metadata: asked.committedMetadata ?? '',
        committedAt: turn.now,
        order: groups.nextCommit(),
      };
      const before = into.get(name, asked.partition);
      const added = offsetBytes(commit) - (before === undefined ? 0 : offsetBytes(before));
      // What takes no more than before always passes: who is at the bound can go on with what it has.
      if (added > Math.max(0, room)) {
        return { partition: asked.partition, errorCode: errors.INVALID_COMMIT_OFFSET_SIZE.code };
      }
      room -= added;
      into.set(name, asked.partition, commit);
      records.push(offsetRecord(group.id, name, asked.partition, commit));
      return { partition: asked.partition, errorCode: errors.NONE.code };
    }),
  }));
  return { records, response: { topics: results } };
}

function checkOffset(groups: Groups, topic: string, asked: CommittedPartition): KafkaError {
  if (!groups.partitionExists(topic, asked.partition)) return errors.UNKNOWN_TOPIC_OR_PARTITION;
  const metadataBytes = asked.committedMetadata === null ? 0 : Buffer.byteLength(asked.committedMetadata);
  return metadataBytes > groups.limits.metadataBytesMax ? errors.OFFSET_METADATA_TOO_LARGE : errors.NONE;
}

function refuseAll(topics: Topics, { code: errorCode }: KafkaError): OffsetCommitResponse {
  return {
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partition }) => ({ partition, errorCode })),
    })),
  };
}
