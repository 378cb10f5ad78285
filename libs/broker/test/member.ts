import { apis, errors, type Response } from '@millrace/wire';
import type { WireConnection } from './wire-connection.ts';

type Joined = Response<typeof apis.joinGroup>;

export interface MemberOptions {
  readonly groupId?: string;
  readonly instanceId?: string | null;
  /** Names of assignors, the preferred one first; each says `subscription`. */
  readonly protocols?: readonly string[];
  readonly sessionTimeoutMs?: number;
  readonly rebalanceTimeoutMs?: number;
  /** Of JoinGroup. */
  readonly version?: number;
}

/** A member of a group, request by request as a client sends them; it keeps its id and generation. */
export class Member {
  readonly connection: WireConnection;
  readonly groupId: string;
  memberId = '';
  generationId = -1;
  readonly #options: MemberOptions;

  constructor(connection: WireConnection, options: MemberOptions = {}) {
    this.connection = connection;
    this.groupId = options.groupId ?? 'readers';
    this.#options = options;
  }

  get instanceId(): string | null {
    return this.#options.instanceId ?? null;
  }

  /** One JoinGroup, whatever it is answered. */
  async joinOnce(protocols = this.#options.protocols ?? ['range']): Promise<Joined> {
    const { sessionTimeoutMs = 30_000, rebalanceTimeoutMs = 60_000, version = 9 } = this.#options;
    const joined = await this.connection.request(apis.joinGroup, version, {
      groupId: this.groupId,
      memberId: this.memberId,
      groupInstanceId: this.instanceId,
      sessionTimeoutMs,
      rebalanceTimeoutMs,
      protocolType: 'consumer',
      protocols: protocols.map((name) => ({ name, metadata: Buffer.from('subscription') })),
    });
    if (joined.memberId !== '') this.memberId = joined.memberId;
    if (joined.errorCode === 0) this.generationId = joined.generationId;
    return joined;
  }

  /** As a client does it: with the id that it is sent away with. */
  async join(protocols?: readonly string[]): Promise<Joined> {
    const joined = await this.joinOnce(protocols);
    return joined.errorCode === errors.MEMBER_ID_REQUIRED.code ? this.joinOnce(protocols) : joined;
  }

  /** SyncGroup; the leader's with assignments by member id. */
  sync(assignments: Record<string, string> = {}): Promise<Response<typeof apis.syncGroup>> {
    const given = Object.entries(assignments);
    return this.connection.request(apis.syncGroup, 5, {
      ...this.identity,
      protocolType: 'consumer',
      protocolName: null,
      assignments: given.map(([memberId, text]) => ({ memberId, assignment: Buffer.from(text) })),
    });
  }

  async heartbeat(): Promise<number> {
    return (await this.connection.request(apis.heartbeat, 4, this.identity)).errorCode;
  }

  /** Sends heartbeats until one says that the group rebalances. */
  async untilRebalance(): Promise<void> {
    let code = 0;
    while (code === 0) code = await this.heartbeat();
    if (code !== errors.REBALANCE_IN_PROGRESS.code) throw new Error(`expected a rebalance, found error ${code}`);
  }

  get identity() {
    const { groupId, generationId, memberId, instanceId: groupInstanceId } = this;
    return { groupId, generationId, memberId, groupInstanceId };
  }
}

/** A group of one member that has its assignment. */
export async function stable(member: Member, assignment = 'all'): Promise<Member> {
  await member.join();
  await member.sync({ [member.memberId]: assignment });
  return member;
}
