import { type Api, type RequestInput, type Response, apis, errors } from '@millrace/wire';

import { ClientError, refused } from './client-error.ts';
import { Connection } from './connection.ts';
import type { Environment } from './options.ts';
import { retrying } from './backoff.ts';

interface Node {
  readonly host: string;
  readonly port: number;
}

export interface TopicMetadata {
  readonly name: string;
  /** By partition number; -1 while a partition has no leader. */
  readonly leaders: readonly number[];
}

type CoordinatorKind = 'group' | 'transaction';

/** Stands for whichever broker answers first; real node ids are not negative. */
const ANY_NODE = -1;

/**
 * The brokers as one: knows who leads what, and keeps connections. A lane is a use that gets a connection of its own per
 * broker, so that a long poll or a waiting join holds up nobody else.
 */
export class Cluster {
  readonly environment: Environment;
  readonly #bootstrap: readonly Node[];
  readonly #nodes = new Map<number, Node>();
  readonly #topics = new Map<string, { readonly metadata: TopicMetadata; readonly readAt: number }>();
  readonly #coordinators = new Map<string, number>();
  readonly #connections = new Map<string, Promise<Connection>>();
  #isClosed = false;

  constructor(brokers: readonly string[], environment: Environment) {
    this.#bootstrap = brokers.map(nodeOf);
    this.environment = environment;
  }

  /** Sends to a node over the connection of a lane, which is opened when it is not there. */
  async request<A extends Api>(
    node: number,
    lane: string,
    api: A,
    body: RequestInput<A>,
    waitMs = 0,
  ): Promise<Response<A>> {
    const connection = await this.#connection(node, lane);
    return connection.request(api, body, waitMs);
  }

  requestAny<A extends Api>(api: A, body: RequestInput<A>): Promise<Response<A>> {
    return this.request(ANY_NODE, 'any', api, body);
  }

  async topics(names: readonly string[] | null): Promise<TopicMetadata[]> {
    const answer = await this.requestAny(apis.metadata, {
      topics: names === null ? null : names.map((name) => ({ name })),
      allowAutoTopicCreation: false,
    });
    for (const broker of answer.brokers) this.#nodes.set(broker.nodeId, { host: broker.host, port: broker.port });
    const readAt = this.environment.clock.monotonic();
    return answer.topics.flatMap((topic) => {
      // Without a name only where it was asked for by id.
      const name = topic.name ?? '';
      if (topic.errorCode !== 0 && topic.errorCode !== errors.LEADER_NOT_AVAILABLE.code) {
        this.#topics.delete(name);
        if (topic.errorCode === errors.UNKNOWN_TOPIC_OR_PARTITION.code) return [];
        throw refused(topic.errorCode, `describe topic ${name}`);
      }
      const leaders: number[] = [];
      for (const { partition, leaderId } of topic.partitions) leaders[partition] = leaderId;
      const metadata = { name, leaders };
      this.#topics.set(name, { metadata, readAt });
      return [metadata];
    });
  }

  /** From memory where that is fresh enough; throws `NO_SUCH_TOPIC`. */
  async topic(name: string): Promise<TopicMetadata> {
    const known = this.#topics.get(name);
    const { clock, limits } = this.environment;
    if (known !== undefined && clock.monotonic() - known.readAt < limits.metadataMaxAgeMs) return known.metadata;
    const [metadata] = await this.topics([name]);
    if (metadata === undefined) throw new ClientError('NO_SUCH_TOPIC', `expected topic "${name}" to exist`);
    return metadata;
  }

  async leaderOf(topic: string, partition: number): Promise<number> {
    const { leaders } = await this.topic(topic);
    const leader = leaders[partition];
    if (leader === undefined) {
      this.forgetTopic(topic);
      throw new ClientError(
        'NO_SUCH_TOPIC',
        `expected topic "${topic}" to have partition ${partition}, found ${leaders.length} partitions`,
      );
    }
    if (leader < 0) {
      this.forgetTopic(topic);
      throw refused(errors.LEADER_NOT_AVAILABLE.code, `lead ${topic}-${partition}`);
    }
    return leader;
  }

  /** What was known turned out wrong; it is read again when it is needed next. */
  forgetTopic(name: string): void {
    this.#topics.delete(name);
  }

  async coordinator(kind: CoordinatorKind, key: string): Promise<number> {
    const cacheKey = `${kind}:${key}`;
    const known = this.#coordinators.get(cacheKey);
    if (known !== undefined) return known;
    const answer = await this.requestAny(apis.findCoordinator, {
      key,
      keyType: kind === 'group' ? 0 : 1,
      coordinatorKeys: [key],
    });
    const found = answer.coordinators[0] ?? answer;
    if (found.errorCode !== 0) throw refused(found.errorCode, `find the coordinator of ${kind} "${key}"`);
    this.#nodes.set(found.nodeId, { host: found.host, port: found.port });
    this.#coordinators.set(cacheKey, found.nodeId);
    return found.nodeId;
  }

  forgetCoordinator(kind: CoordinatorKind, key: string): void {
    this.#coordinators.delete(`${kind}:${key}`);
  }

  /** Asks the coordinator of a key, finding it anew when it has moved or its connection broke. */
  askCoordinator<A extends Api>(
    kind: CoordinatorKind,
    key: string,
    lane: string,
    api: A,
    body: RequestInput<A>,
    errorOfAnswer: (answer: Response<A>) => number,
    waitMs = 0,
  ): Promise<Response<A>> {
    return retrying(this.environment, async () => {
      try {
        const answer = await this.request(await this.coordinator(kind, key), lane, api, body, waitMs);
        const errorCode = errorOfAnswer(answer);
        if (coordinatorMoved.has(errorCode)) throw refused(errorCode, `answer ${api.name} for ${kind} "${key}"`);
        return answer;
      } catch (error) {
        this.forgetCoordinator(kind, key);
        throw error;
      }
    });
  }

  close(): void {
    this.#isClosed = true;
    for (const connection of this.#connections.values()) {
      connection.then(
        (one) => one.close(),
        () => {},
      );
    }
    this.#connections.clear();
  }

  /** Ends the connections of a lane; what is in flight on them fails. */
  closeLane(lane: string): void {
    for (const [key, connection] of this.#connections) {
      if (!key.startsWith(`${lane}@`)) continue;
      this.#connections.delete(key);
      connection.then(
        (one) => one.close(),
        () => {},
      );
    }
  }

  async #connection(node: number, lane: string): Promise<Connection> {
    if (this.#isClosed) throw new ClientError('CLOSED', 'the client was closed');
    const key = `${lane}@${node}`;
    const existing = this.#connections.get(key);
    if (existing !== undefined) {
      const connection = await existing;
      if (connection.isOpen) return connection;
      if (this.#connections.get(key) === existing) this.#connections.delete(key);
      return this.#connection(node, lane);
    }
    const opening = this.#open(node);
    this.#connections.set(key, opening);
    try {
      const connection = await opening;
      if (this.#isClosed) connection.close();
      return connection;
    } catch (error) {
      if (this.#connections.get(key) === opening) this.#connections.delete(key);
      throw error;
    }
  }

  async #open(node: number): Promise<Connection> {
    const known = this.#nodes.get(node);
    if (known !== undefined) return Connection.open(known.host, known.port, this.environment);
    let failure: unknown = new ClientError('DISCONNECTED', 'expected the address of a broker, found none');
    for (const { host, port } of [...this.#bootstrap, ...this.#nodes.values()]) {
      try {
        return await Connection.open(host, port, this.environment);
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }
}

const coordinatorMoved = new Set<number>([
  errors.NOT_COORDINATOR.code,
  errors.COORDINATOR_NOT_AVAILABLE.code,
  errors.COORDINATOR_LOAD_IN_PROGRESS.code,
]);

function nodeOf(broker: string): Node {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(broker);
  if (match === null) throw new ClientError('DISCONNECTED', `expected a broker as host:port, found "${broker}"`);
  return { host: match[1] ?? match[2] ?? '', port: Number(match[3]) };
}
