import { describeConsumers } from '../consumer-groups/describe-consumers.ts';
import { consumerGroupHeartbeat } from '../consumer-groups/heartbeat.ts';
import type { Caller, Effect, Marker, ReplyTo } from '../effects.ts';
import type { StoredBatch } from '../records/stored-batch.ts';
import { Turn } from '../turn.ts';
import { deleteGroup } from './delete-group.ts';
import { describeGroup, listGroups } from './describe-group.ts';
import { tickGroups } from './expire.ts';
import { Groups } from './groups.ts';
import type { GroupOptions } from './group-options.ts';
import { heartbeat } from './heartbeat.ts';
import { joinGroup } from './join-group.ts';
import { leaveGroup } from './leave-group.ts';
import { loadBatch, startGroups } from './load.ts';
import type {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
  DeletedGroup,
  DescribedConsumerGroup,
  OneGroup,
  DescribedGroup,
  HeartbeatRequest,
  HeartbeatResponse,
  JoinGroupRequest,
  JoinGroupResponse,
  LeaveGroupRequest,
  LeaveGroupResponse,
  ListGroupsRequest,
  ListGroupsResponse,
  OffsetCommitRequest,
  OffsetCommitResponse,
  OffsetDeleteRequest,
  OffsetDeleteResponse,
  OffsetFetchRequest,
  OffsetFetchResponse,
  SyncGroupRequest,
  SyncGroupResponse,
  TxnOffsetCommitRequest,
  TxnOffsetCommitResponse,
} from './messages.ts';
import { commitOffsets, commitTransactionOffsets } from './offset-commit.ts';
import { deleteOffsets, forgetTopic } from './offset-delete.ts';
import { fetchOffsets } from './offset-fetch.ts';
import { syncGroup } from './sync-group.ts';
import { endTransactionOffsets } from './transaction-offsets.ts';
import { unloadGroups } from './unload.ts';

/**
 * One partition of `__consumer_offsets`: the groups whose id hashes to it, their members and their offsets. Every call
 * returns effects to be carried out as effects.ts says. `now` is wall time in ms that never goes back.
 */
export class GroupCoordinator {
  readonly #groups: Groups;

  constructor(options: GroupOptions) {
    this.#groups = new Groups(options);
  }

  /** Takes the partition's batches, all of them in log order, before anything else. */
  load(batch: StoredBatch): void {
    loadBatch(this.#groups, batch);
  }

  /** Everything is loaded; requests may come. */
  start(now: number): Effect[] {
    return this.#turn(now, (turn) => startGroups(this.#groups, turn));
  }

  joinGroup(request: JoinGroupRequest, caller: Caller<JoinGroupResponse>, now: number): Effect[] {
    return this.#turn(now, (turn) => joinGroup(this.#groups, turn, request, caller));
  }

  syncGroup(request: SyncGroupRequest, caller: Caller<SyncGroupResponse>, now: number): Effect[] {
    return this.#turn(now, (turn) => syncGroup(this.#groups, turn, request, caller));
  }

  heartbeat(request: HeartbeatRequest, caller: Caller<HeartbeatResponse>, now: number): Effect[] {
    return this.#turn(now, (turn) => heartbeat(this.#groups, turn, request, caller));
  }

  leaveGroup(request: LeaveGroupRequest, caller: Caller<LeaveGroupResponse>, now: number): Effect[] {
    return this.#turn(now, (turn) => leaveGroup(this.#groups, turn, request, caller));
  }

  offsetCommit(request: OffsetCommitRequest, caller: Caller<OffsetCommitResponse>, now: number): Effect[] {
    return this.#turn(now, (turn) => commitOffsets(this.#groups, turn, request, caller));
  }

  txnOffsetCommit(request: TxnOffsetCommitRequest, caller: Caller<TxnOffsetCommitResponse>, now: number): Effect[] {
    return this.#turn(now, (turn) => commitTransactionOffsets(this.#groups, turn, request, caller));
  }

  offsetFetch(request: OffsetFetchRequest, caller: Caller<OffsetFetchResponse>, now: number): Effect[] {
    return this.#turn(now, (turn) => fetchOffsets(this.#groups, turn, request, caller));
  }

  offsetDelete(request: OffsetDeleteRequest, caller: Caller<OffsetDeleteResponse>, now: number): Effect[] {
    return this.#turn(now, (turn) => deleteOffsets(this.#groups, turn, request, caller));
  }

  describeGroup(request: OneGroup, caller: Caller<DescribedGroup>, now: number): Effect[] {
    return this.#turn(now, (turn) => describeGroup(this.#groups, turn, request, caller));
  }

  listGroups(request: ListGroupsRequest, caller: Caller<ListGroupsResponse>, now: number): Effect[] {
    return this.#turn(now, (turn) => listGroups(this.#groups, turn, request, caller));
  }

  consumerGroupHeartbeat(
    request: ConsumerGroupHeartbeatRequest,
    caller: Caller<ConsumerGroupHeartbeatResponse>,
    now: number,
  ): Effect[] {
    return this.#turn(now, (turn) => consumerGroupHeartbeat(this.#groups, turn, request, caller));
  }

  describeConsumers(request: OneGroup, caller: Caller<DescribedConsumerGroup>, now: number): Effect[] {
    return this.#turn(now, (turn) => describeConsumers(this.#groups, turn, request, caller));
  }

  deleteGroup(request: OneGroup, caller: Caller<DeletedGroup>, now: number): Effect[] {
    return this.#turn(now, (turn) => deleteGroup(this.#groups, turn, request, caller));
  }

  /**
   * Ends a producer's transaction here: the marker is appended to this partition, and its offsets become visible or
   * vanish. Part of carrying out `writeMarkers`; the reply comes when the marker is durable.
   */
  writeMarker(marker: Marker, to: ReplyTo<null>, now: number): Effect[] {
    return this.#turn(now, (turn) => endTransactionOffsets(this.#groups, turn, marker, to));
  }

  /** Forgets the offsets of a topic that was deleted: one of the same name starts anew. */
  topicDeleted(topic: string, now: number): Effect[] {
    return this.#turn(now, (turn) => forgetTopic(this.#groups, turn, topic));
  }

  /** Does what is due: expires sessions, rebalances and offsets. Too early or too late a call does no harm. */
  tick(now: number): Effect[] {
    return this.#turn(now, (turn) => tickGroups(this.#groups, turn));
  }

  /** When to call `tick` next, as it stands after the last call; `Infinity` when nothing is waiting. */
  nextDeadline(): number {
    return this.#groups.nextDeadline();
  }

  /** Answers who still waits, with NOT_COORDINATOR: the broker closes, or this coordinator is dropped (C2). */
  unload(now: number): Effect[] {
    return this.#turn(now, (turn) => unloadGroups(this.#groups, turn));
  }

  #turn(now: number, act: (turn: Turn) => void): Effect[] {
    const turn = new Turn(now);
    act(turn);
    return turn.effects;
  }
}
