import type { GroupLimits } from '@millrace/coordinator';
import type { FsyncPolicy, MaintenanceIntervals } from '@millrace/log';
import type { Clock, Disk, Random } from '@millrace/std';
import type { SaslMechanism } from './security/sasl-mechanism.ts';
import type { OAuthBearerOptions } from './security/sasl-oauth-bearer.ts';
import type { TlsOptions } from './security/tls.ts';

export interface ListenerOptions {
  readonly host: string;
  /** 0 takes a free port; `start()` says which. */
  readonly port: number;
  /** As which node the broker is reached here, 1 by default. With several ids it looks like a cluster of as many (see Nodes). */
  readonly nodeId?: number;
  /** Clients that came this way are told the addresses of the other nodes' listeners of the same name. */
  readonly name?: string;
  /** What clients are told to connect to; by default where the listener is bound. */
  readonly advertised?: { readonly host: string; readonly port: number };
  /** Encrypts its connections (Kafka's SSL and SASL_SSL). */
  readonly tls?: TlsOptions;
  /** Its clients say who they are before anything else (SASL_PLAINTEXT and SASL_SSL). */
  readonly sasl?: { readonly mechanisms: readonly SaslMechanism[] };
}

/** Every bound of the broker. The comment says what happens at it. */
export interface BrokerLimits {
  /** A longer frame closes its connection. */
  readonly requestBytesMax: number;
  /** Elements of all arrays of a request; one with more closes its connection: decoded they take far more than their bytes. */
  readonly requestElementsMax: number;
  /** One more connection is closed at once. */
  readonly connectionsMax: number;
  /** Of one address; one more is closed at once. */
  readonly connectionsPerAddressMax: number;
  /** Received and not yet answered, of one connection: beyond it the socket is not read. */
  readonly connectionBytesMax: number;
  /** Requests received and not yet answered, of one connection: beyond it the socket is not read. */
  readonly connectionRequestsMax: number;
  /** Answered and not yet taken by the peer, of one connection: a Fetch ends at it, and beyond it no request is started. */
  readonly unsentBytesMax: number;
  /** Requests and responses of all connections: beyond it no socket is read. A Fetch ends at half of it. */
  readonly totalBytesMax: number;
  /**
   * When a connection has waited this long for room in `totalBytesMax`, or none was left for responses as long, those are
   * closed that hold the most for longest, until there is room again.
   */
  readonly stallTimeoutMs: number;
  /** A frame that began and did not end within this time closes its connection. */
  readonly frameTimeoutMs: number;
  /** A response that the peer has not taken whole within this time closes its connection. */
  readonly unsentTimeoutMs: number;
  /** A connection without a request for this long is closed. */
  readonly idleTimeoutMs: number;
  /** One more is refused with POLICY_VIOLATION, and not created by asking for it. */
  readonly topicsMax: number;
  /** Of all topics; beyond it CreateTopics and CreatePartitions answer POLICY_VIOLATION. */
  readonly partitionsMax: number;
  /** Partitions that waiting fetches listen to, all together; a fetch beyond it is answered at once with what there is. */
  readonly waitedPartitionsMax: number;
  /** Producers remembered, of all partitions; beyond it the longest silent is forgotten, and then not told from a new one. */
  readonly producersMax: number;
  /** One more transactional id is refused with POLICY_VIOLATION. */
  readonly transactionalIdsMax: number;
  /** Memory of transactional ids and the partitions of their transactions; beyond it one more of either: POLICY_VIOLATION. */
  readonly transactionsBytesMax: number;
  /** One more group is refused with POLICY_VIOLATION. */
  readonly groupsMax: number;
  /** Of one group, those included who are about to join; one more is refused with GROUP_MAX_SIZE_REACHED. */
  readonly groupMembersMax: number;
  /**
   * Memory of one group: members with metadata and assignments, offsets. Beyond it a join is refused with GROUP_MAX_SIZE_REACHED,
   * assignments with MESSAGE_TOO_LARGE, an offset with INVALID_COMMIT_OFFSET_SIZE.
   */
  readonly groupBytesMax: number;
  /** The same of all groups together, with the same answers; and no new group: POLICY_VIOLATION. */
  readonly groupsBytesMax: number;
  /** A longer transaction.timeout.ms is refused with INVALID_TRANSACTION_TIMEOUT. */
  readonly transactionTimeoutMsMax: number;
  /** From the connection to a proof of who it is; then it is closed. */
  readonly authenticationTimeoutMs: number;
  /** A failed proof is answered only after this time, on a connection that then ends. */
  readonly authenticationFailureDelayMs: number;
  /** A longer frame of somebody unknown closes its connection. */
  readonly saslTokenBytesMax: number;
  /** Credentials of the admin API; beyond it AlterUserScramCredentials answers POLICY_VIOLATION. */
  readonly scramCredentialsMax: number;
  /** Access rules; beyond it CreateAcls answers POLICY_VIOLATION. */
  readonly aclsMax: number;
  /** Entities with quotas; beyond it AlterClientQuotas answers POLICY_VIOLATION. */
  readonly quotasMax: number;
  /** Clients whose use of a quota is known; beyond it the one that was silent longest is forgotten, and has all of it again. */
  readonly quotaUsersMax: number;
  /** How long `close()` waits for requests in flight before it cuts them off. */
  readonly closeTimeoutMs: number;
}

/** As pino's: the fields first, then the sentence. */
export interface BrokerLogger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Who may do what. Without it everybody who can connect may do everything. */
interface AuthorizationOptions {
  /** `User:name` of those who may do everything; who grants the first permissions is one of them. */
  readonly superUsers: readonly string[];
  /** Whether a resource that no access rule covers is open to everybody; by default to super users only. */
  readonly allowEveryoneIfNoAclFound?: boolean;
}

/** How users of SASL listeners are known. */
interface AuthenticationOptions {
  /** Name → password of users that are there from the start; the admin API adds more, and cannot change these. */
  readonly users?: Readonly<Record<string, string>>;
  /** Whose tokens OAUTHBEARER takes. */
  readonly oauthBearer?: OAuthBearerOptions;
  /** After this time a client has to authenticate anew (`connections.max.reauth.ms`); 0, the default: only when a token expires. */
  readonly maxReauthMs?: number;
}

export interface BrokerOptions {
  readonly dataDirectory: string;
  readonly listeners: readonly ListenerOptions[];
  /**
   * `always`: what was acknowledged with acks=all, and all that a consumer has seen, survives a power loss.
   * `never`: it survives the death of the process; what a power loss takes is up to the page cache (Kafka's default).
   */
  readonly fsync?: FsyncPolicy;
  /** Whether Metadata creates a topic that it is asked for (and the request allows it). */
  readonly autoCreateTopics?: boolean;
  /** Partitions of a topic whose creator did not say. */
  readonly defaultPartitions?: number;
  /** Names or `prefix*`: topics that every consumer reads as if it were read_committed. */
  readonly readCommittedTopics?: readonly string[];
  readonly authentication?: AuthenticationOptions;
  /** Whether other machines may connect to a listener without authentication, or prove themselves with passwords in the clear. */
  readonly allowInsecureListeners?: boolean;
  readonly authorization?: AuthorizationOptions;
  readonly limits?: Partial<BrokerLimits>;
  /** How often partitions are looked at for retention and compaction. */
  readonly logIntervals?: Partial<MaintenanceIntervals>;
  /** Timeouts and delays of consumer groups. Their sizes are among `limits`. */
  readonly groups?: Partial<Omit<GroupLimits, 'groupsMax' | 'membersMax' | 'groupBytesMax' | 'totalBytesMax'>>;
  readonly disk?: Disk;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly logger?: BrokerLogger;
  /** The disk failed, or an invariant: the broker has stopped answering and the process should end. */
  readonly onFailure?: (error: unknown) => void;
}

export type BrokerConfig = Required<
  Omit<BrokerOptions, 'limits' | 'logIntervals' | 'groups' | 'authentication' | 'authorization'>
> & {
  readonly limits: BrokerLimits;
  readonly logIntervals: MaintenanceIntervals;
  readonly groups: GroupLimits;
  readonly authentication: {
    readonly users: Readonly<Record<string, string>>;
    readonly oauthBearer: OAuthBearerOptions | null;
    readonly maxReauthMs: number;
  };
  /** Null: everybody may do everything. */
  readonly authorization: Required<AuthorizationOptions> | null;
};

export const defaultLimits: BrokerLimits = {
  requestBytesMax: 100 * 1024 * 1024,
  requestElementsMax: 100_000,
  connectionsMax: 16_384,
  connectionsPerAddressMax: 12_288,
  connectionBytesMax: 8 * 1024 * 1024,
  connectionRequestsMax: 256,
  unsentBytesMax: 8 * 1024 * 1024,
  totalBytesMax: 512 * 1024 * 1024,
  stallTimeoutMs: 5_000,
  frameTimeoutMs: 30_000,
  unsentTimeoutMs: 120_000,
  idleTimeoutMs: 10 * 60_000,
  topicsMax: 4096,
  partitionsMax: 4096,
  waitedPartitionsMax: 250_000,
  producersMax: 100_000,
  transactionalIdsMax: 100_000,
  transactionsBytesMax: 128 * 1024 * 1024,
  groupsMax: 10_000,
  groupMembersMax: 1_000,
  groupBytesMax: 16 * 1024 * 1024,
  groupsBytesMax: 128 * 1024 * 1024,
  transactionTimeoutMsMax: 15 * 60_000,
  authenticationTimeoutMs: 30_000,
  authenticationFailureDelayMs: 100,
  saslTokenBytesMax: 64 * 1024,
  scramCredentialsMax: 10_000,
  aclsMax: 10_000,
  quotasMax: 10_000,
  quotaUsersMax: 10_000,
  closeTimeoutMs: 5_000,
};
