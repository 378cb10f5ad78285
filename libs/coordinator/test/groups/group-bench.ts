import { GroupCoordinator, type GroupLimits } from '../../src/index.ts';
import type {
  DescribedGroup,
  JoinGroupRequest,
  JoinGroupResponse,
  LeaveGroupResponse,
  OffsetCommitResponse,
  OffsetFetchResponse,
  SyncGroupResponse,
} from '../../src/index.ts';
import { Shell } from '../shell.ts';
import { noTopics } from '../topic-directory.ts';

/** One group coordinator on the bench: requests with everything that a test does not care about filled in. */
export class GroupBench extends Shell<GroupCoordinator> {
  constructor(limits: Partial<GroupLimits> = {}) {
    let seed = 0;
    // Never the same twice, as member ids are.
    const random = {
      bytes: (length: number): Uint8Array => {
        const counter = ++seed;
        return Uint8Array.from({ length }, (_, index) => (index < 4 ? counter >>> (8 * index) : index * 31) & 0xff);
      },
      fraction: () => 0,
    };
    const partitionExists = (topic: string, partition: number): boolean => topic !== 'missing' && partition < 8;
    super(() => new GroupCoordinator({ partitionExists, topics: noTopics, random, limits }));
  }

  /** Asks to join and returns the token; `joined` is the answer. */
  join(request: Partial<JoinGroupRequest> = {}, apiVersion = 3): number {
    const caller = this.caller(apiVersion);
    const whole = { ...joinDefaults, ...request };
    this.run((groups) => groups.joinGroup(whole, caller, this.now));
    return caller.to;
  }

  joined(token: number): JoinGroupResponse {
    return this.#answer(token) as JoinGroupResponse;
  }

  /** SyncGroup, with assignments if the member leads. */
  sync(member: Synced, assignments: Record<string, string> = {}, instanceId: string | null = null): number {
    const caller = this.caller();
    const { generationId, memberId } = member;
    const request = {
      groupId: 'g',
      generationId,
      memberId,
      groupInstanceId: instanceId,
      protocolType: null,
      protocolName: null,
      assignments: Object.entries(assignments).map(([id, text]) => ({ memberId: id, assignment: Buffer.from(text) })),
    };
    this.run((groups) => groups.syncGroup(request, caller, this.now));
    return caller.to;
  }

  synced(token: number): SyncGroupResponse {
    return this.#answer(token) as SyncGroupResponse;
  }

  heartbeat(memberId: string, generationId: number, groupInstanceId: string | null = null): number {
    const caller = this.caller();
    const request = { groupId: 'g', generationId, memberId, groupInstanceId };
    this.run((groups) => groups.heartbeat(request, caller, this.now));
    return (this.#answer(caller.to) as { errorCode: number }).errorCode;
  }

  leave(...members: { memberId: string; groupInstanceId?: string | null }[]): LeaveGroupResponse {
    const caller = this.caller();
    const whole = members.map((one) => ({ groupInstanceId: null, reason: null, ...one }));
    this.run((groups) => groups.leaveGroup({ groupId: 'g', memberId: '', members: whole }, caller, this.now));
    return this.#answer(caller.to) as LeaveGroupResponse;
  }

  describe(groupId = 'g'): DescribedGroup {
    const caller = this.caller();
    this.run((groups) => groups.describeGroup({ groupId }, caller, this.now));
    return this.#answer(caller.to) as DescribedGroup;
  }

  /** Commits `offset` for partition 0 of a topic and returns the error code. */
  commit(
    offset: number,
    from: Partial<Committer> = {},
    topic = 't',
    metadata: string | null = '',
    version = 9,
  ): number {
    const caller = this.caller(version);
    const request = { ...noMember, ...from, groupId: 'g', topics: oneOffset(topic, offset, metadata) };
    this.run((groups) => groups.offsetCommit(request, caller, this.now));
    return firstError(this.#answer(caller.to) as OffsetCommitResponse);
  }

  commitInTransaction(offset: number, producerId: number, producerEpoch = 0, from: Partial<Committer> = {}): number {
    const caller = this.caller();
    const producer = { transactionalId: 'x', producerId, producerEpoch };
    const request = { ...noMember, ...from, ...producer, groupId: 'g', topics: oneOffset('t', offset, '') };
    this.run((groups) => groups.txnOffsetCommit(request, caller, this.now));
    return firstError(this.#answer(caller.to) as OffsetCommitResponse);
  }

  endTransaction(producerId: number, result: 'commit' | 'abort'): void {
    const marker = { producerId, producerEpoch: 0, coordinatorEpoch: 0, result };
    this.run((groups) => groups.writeMarker(marker, this.caller().to, this.now));
  }

  fetch(requireStable = false, topic = 't'): OffsetFetchResponse['topics'][number]['partitions'][number] {
    const caller = this.caller();
    const request = { groupId: 'g', topics: [{ name: topic, partitions: [0] }], requireStable };
    this.run((groups) => groups.offsetFetch(request, caller, this.now));
    const [partition] = (this.#answer(caller.to) as OffsetFetchResponse).topics[0]?.partitions ?? [];
    if (partition === undefined) throw new Error('expected one partition');
    return partition;
  }

  /** A stable group of as many members as names, each assigned its name. Returns their answers to JoinGroup. */
  stableGroup<const Names extends readonly string[]>(...names: Names): { [K in keyof Names]: JoinGroupResponse } {
    const tokens = names.map((name) => this.join({ protocols: [protocol('range', name)] }));
    // Whoever was there before has to join again.
    this.rejoinUntilAnswered(tokens);
    const members = tokens.map((token) => this.joined(token));
    const leader = members.find((one) => one.memberId === one.leader);
    const assignments = Object.fromEntries(members.map((one, index) => [one.memberId, names[index] ?? '']));
    for (const member of members) if (member !== leader) this.sync(member);
    if (leader !== undefined) this.sync(leader, assignments);
    return members as { [K in keyof Names]: JoinGroupResponse };
  }

  /** The answers to two members that have joined, the leader's first. */
  joinedPair(): [leader: JoinGroupResponse, follower: JoinGroupResponse] {
    const tokens = [this.join({ sessionTimeoutMs: 120_000 }), this.join({ sessionTimeoutMs: 120_000 })];
    this.rejoinUntilAnswered(tokens);
    const [leader, follower] = tokens.map((token) => this.joined(token));
    if (leader === undefined || follower === undefined) throw new Error('expected two members');
    return [leader, follower];
  }

  /** Members with an answer from an older generation join again, as their clients would at the next heartbeat. */
  rejoinUntilAnswered(tokens: number[]): void {
    for (let round = 0; round < tokens.length; round++) {
      const generation = Math.max(...tokens.map((one) => (this.hasAnswer(one) ? this.joined(one).generationId : 0)));
      const isBehind = (one: number): boolean => this.hasAnswer(one) && this.joined(one).generationId <= generation;
      if (tokens.every((one) => this.hasAnswer(one) && this.joined(one).generationId === generation)) return;
      tokens.forEach((token, index) => {
        if (isBehind(token)) tokens[index] = this.join({ memberId: this.joined(token).memberId });
      });
    }
  }

  #answer(token: number): unknown {
    if (!this.answers.has(token)) throw new Error(`expected request ${token} to be answered`);
    return this.answers.get(token);
  }
}

export function protocol(name: string, metadata = ''): { name: string; metadata: Buffer } {
  return { name, metadata: Buffer.from(metadata) };
}

type Synced = Pick<JoinGroupResponse, 'generationId' | 'memberId'>;

interface Committer {
  readonly generationId: number;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
}

const noMember: Committer = { generationId: -1, memberId: '', groupInstanceId: null };

const joinDefaults: JoinGroupRequest = {
  groupId: 'g',
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 60_000,
  memberId: '',
  groupInstanceId: null,
  protocolType: 'consumer',
  protocols: [protocol('range')],
  reason: null,
};

function oneOffset(
  name: string,
  committedOffset: number,
  committedMetadata: string | null,
): {
  name: string;
  partitions: {
    partition: number;
    committedOffset: number;
    committedLeaderEpoch: number;
    committedMetadata: string | null;
  }[];
}[] {
  return [{ name, partitions: [{ partition: 0, committedOffset, committedLeaderEpoch: 0, committedMetadata }] }];
}

function firstError({ topics }: OffsetCommitResponse): number {
  return topics[0]?.partitions[0]?.errorCode ?? 0;
}
