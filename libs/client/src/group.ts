import { type Api, type RequestInput, type Response, apis, errors } from '@millrace/wire';

import type { TopicPartition, TopicPartitionOffset } from './admin.ts';
import { assignSticky } from './assignor.ts';
import { Backoff } from './backoff.ts';
import { ClientError, asClientError, refused } from './client-error.ts';
import type { Cluster } from './cluster.ts';
import { Heartbeats } from './heartbeats.ts';
import { decodeAssignment, decodeSubscription, encodeAssignment, encodeSubscription } from './group-protocol.ts';

export interface GroupOptions {
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly sessionTimeoutMs?: number;
  readonly rebalanceTimeoutMs?: number;
  /** Partitions have come. Awaited before any are revoked again. */
  readonly onAssign: (partitions: readonly TopicPartition[]) => Promise<void> | void;
  /** Partitions go. Awaited before they can be given to anybody else, unless the session has been lost meanwhile. */
  readonly onRevoke: (partitions: readonly TopicPartition[], isLost: boolean) => Promise<void> | void;
  /** Membership failed in a way that trying again does not mend; it has ended. */
  readonly onFailure: (error: ClientError) => void;
}

const PROTOCOL_TYPE = 'consumer';
const PROTOCOL = 'millrace-sticky';
const HEARTBEATS_PER_SESSION = 3;

let members = 0;

/**
 * Membership of a consumer group: eager rebalancing (everything is given back before it is shared anew) with sticky assignment, so that a
 * partition that stays is only let go for a moment.
 */
export class GroupMember {
  readonly #cluster: Cluster;
  readonly #options: Required<GroupOptions>;
  readonly #lane: string;
  #memberId = '';
  #generation = -1;
  #owned: readonly TopicPartition[] = [];
  /** What the member had in the last generation, offered so that it can be kept. */
  #previous: readonly TopicPartition[] = [];
  #isStopping = false;
  #run: Promise<void> | undefined;
  #heartbeats: Heartbeats | undefined;

  constructor(cluster: Cluster, options: GroupOptions) {
    this.#cluster = cluster;
    this.#options = { sessionTimeoutMs: 6_000, rebalanceTimeoutMs: 30_000, ...options };
    members += 1;
    // A join waits for the other members: if one of them is in this process, it must not wait behind it.
    this.#lane = `group ${members}`;
  }

  get memberId(): string {
    return this.#memberId;
  }

  start(): void {
    this.#run ??= this.#membership().catch((error: unknown) => this.#options.onFailure(asClientError(error)));
  }

  /** Gives the partitions back and leaves. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    if (this.#heartbeats === undefined) await this.#leave(); // Ends a join that waits for others.
    this.#heartbeats?.stop();
    await this.#run;
  }

  /** Commits offsets as a member; refused when the group has moved on without it. */
  async commitOffsets(offsets: readonly TopicPartitionOffset[]): Promise<void> {
    const topics = offsets.map(({ topic, partition, offset }) => ({
      name: topic,
      partitions: [{ partition, committedOffset: offset, committedMetadata: '' }],
    }));
    const answer = await this.#ask(apis.offsetCommit, { ...this.#self(), topics }, () => 0);
    for (const { name, partitions } of answer.topics) {
      for (const { partition, errorCode } of partitions) {
        if (errorCode !== 0) throw refused(errorCode, `commit the offset of ${name}-${partition}`);
      }
    }
  }

  async #membership(): Promise<void> {
    const backoff = new Backoff(this.#cluster.environment);
    while (!this.#isStopping) {
      try {
        await this.#join();
        backoff.reset();
        if (!this.#isStopping) await this.#hold();
      } catch (error) {
        const failure = asClientError(error);
        const isForgotten = failure.kafka !== undefined && forgotten.has(failure.kafka.code);
        await this.#revoke(isForgotten);
        if (isForgotten) this.#memberId = '';
        const isAnew = isForgotten || failure.kafka?.code === errors.REBALANCE_IN_PROGRESS.code;
        if (!isAnew && !failure.retriable && !this.#isStopping) throw failure;
        await backoff.wait();
      }
    }
    await this.#leave();
  }

  /** From the assignment to the next rebalance. */
  async #hold(): Promise<void> {
    const { sessionTimeoutMs, onAssign } = this.#options;
    const heartbeats = new Heartbeats(
      this.#cluster.environment,
      sessionTimeoutMs / HEARTBEATS_PER_SESSION,
      async () => {
        const { errorCode } = await this.#ask(apis.heartbeat, this.#self(), (one) => one.errorCode);
        return errorCode;
      },
    );
    this.#heartbeats = heartbeats;
    try {
      await onAssign(this.#owned);
      await heartbeats.ended;
      await this.#revoke(false);
    } finally {
      heartbeats.stop();
      this.#heartbeats = undefined;
    }
  }

  async #join(): Promise<void> {
    const { groupId, topics, sessionTimeoutMs, rebalanceTimeoutMs } = this.#options;
    const previous = this.#previous;
    const body = {
      groupId,
      sessionTimeoutMs,
      rebalanceTimeoutMs,
      memberId: this.#memberId,
      protocolType: PROTOCOL_TYPE,
      protocols: [{ name: PROTOCOL, metadata: encodeSubscription(topics, previous) }],
    };
    const joined = await this.#ask(apis.joinGroup, body, (one) => one.errorCode, rebalanceTimeoutMs);
    if (joined.errorCode === errors.MEMBER_ID_REQUIRED.code) {
      this.#memberId = joined.memberId;
      return this.#isStopping ? undefined : this.#join();
    }
    if (joined.errorCode !== 0) throw refused(joined.errorCode, `let a member join group ${groupId}`);
    this.#memberId = joined.memberId;
    this.#generation = joined.generationId;

    const assignments = joined.leader === joined.memberId ? await this.#share(joined.members) : [];
    const synced = await this.#ask(
      apis.syncGroup,
      { ...this.#self(), protocolType: PROTOCOL_TYPE, protocolName: PROTOCOL, assignments },
      (one) => one.errorCode,
      rebalanceTimeoutMs,
    );
    if (synced.errorCode !== 0) throw refused(synced.errorCode, `give a member of group ${groupId} its partitions`);
    this.#owned = decodeAssignment(synced.assignment);
    this.#previous = this.#owned;
  }

  async #share(
    members: Response<typeof apis.joinGroup>['members'],
  ): Promise<{ memberId: string; assignment: Buffer }[]> {
    const topics = await Promise.all(this.#options.topics.map((name) => this.#cluster.topic(name)));
    const partitions = topics.flatMap(({ name, leaders }) =>
      leaders.map((_, partition) => ({ topic: name, partition })),
    );
    const owned = new Map(members.map((member) => [member.memberId, decodeSubscription(member.metadata).owned]));
    return [...assignSticky(partitions, owned)].map(([memberId, of]) => ({
      memberId,
      assignment: encodeAssignment(of),
    }));
  }

  async #revoke(isLost: boolean): Promise<void> {
    const owned = this.#owned;
    this.#owned = [];
    if (owned.length > 0) await this.#options.onRevoke(owned, isLost);
  }

  /** Over another connection than that on which a join may be waiting. */
  async #leave(): Promise<void> {
    const { groupId } = this.#options;
    const memberId = this.#memberId;
    this.#memberId = '';
    try {
      if (memberId !== '') {
        const body = { groupId, memberId, members: [{ memberId }] };
        await this.#cluster.askCoordinator('group', groupId, 'admin', apis.leaveGroup, body, (one) => one.errorCode);
      }
    } catch (error) {
      // The session time-out does what leaving would have done, only later.
      if (!(error instanceof ClientError)) throw error;
    }
    this.#cluster.closeLane(this.#lane);
  }

  #self(): { groupId: string; generationId: number; memberId: string } {
    return { groupId: this.#options.groupId, generationId: this.#generation, memberId: this.#memberId };
  }

  #ask<A extends Api>(
    api: A,
    body: RequestInput<A>,
    errorCodeOf: (answer: Response<A>) => number,
    waitMs = 0,
  ): Promise<Response<A>> {
    return this.#cluster.askCoordinator('group', this.#options.groupId, this.#lane, api, body, errorCodeOf, waitMs);
  }
}

const forgotten = new Set<number>([
  errors.UNKNOWN_MEMBER_ID.code,
  errors.ILLEGAL_GENERATION.code,
  errors.FENCED_INSTANCE_ID.code,
]);
