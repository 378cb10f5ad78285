import { partitionOf } from '@millrace/coordinator';
import type { StoredTopic } from '@millrace/log';
import { assert } from '@millrace/std';
import type { Address } from './exchange.ts';
import type { ListenerOptions } from './options.ts';

export interface NodeAddress extends Address {
  readonly nodeId: number;
}

/** The way a client came: the listener, and where it was told, or seen, to be. */
export interface Entrance {
  readonly listener: ListenerOptions;
  readonly advertised: Address;
}

const NODE_ID_DEFAULT = 1;

/**
 * The node ids that this process presents: one, or (a facade, for tests of clients that expect a cluster) several, each with
 * listeners of its own. Leaders, replicas and coordinators are spread over them, and every one of them serves everything:
 * which node answers makes no difference.
 *
 * A client is told the addresses of the listeners that have the name of the one it came through, as in Kafka.
 */
export class Nodes {
  /** Ascending. */
  readonly ids: readonly number[];
  readonly #listeners: readonly ListenerOptions[];
  readonly #ports = new Map<ListenerOptions, number>();

  constructor(listeners: readonly ListenerOptions[]) {
    this.#listeners = listeners;
    const ids = new Set(listeners.map(nodeIdOf));
    this.ids = ids.size === 0 ? [NODE_ID_DEFAULT] : [...ids].sort((a, b) => a - b);
  }

  /** Of the broker that is asked for topics and configurations; any would do. */
  get controllerId(): number {
    return this.#at(0);
  }

  /** A listener that was given port 0 has got this one. */
  listens(listener: ListenerOptions, port: number): void {
    this.#ports.set(listener, port);
  }

  /** As which node the client came to us. */
  nodeOf({ listener }: Entrance): number {
    return nodeIdOf(listener);
  }

  /** All nodes, as they are reached by who came this way. */
  addresses(entrance: Entrance): NodeAddress[] {
    return this.ids.map((nodeId) => this.address(nodeId, entrance));
  }

  address(nodeId: number, { listener, advertised }: Entrance): NodeAddress {
    if (nodeId === nodeIdOf(listener)) return { nodeId, ...advertised };
    const ofNode = this.#listeners.filter((one) => nodeIdOf(one) === nodeId);
    const other = ofNode.find((one) => one.name === listener.name) ?? ofNode[0];
    assert(other !== undefined, `expected node ${nodeId} to have a listener`);
    // Where one listens everywhere, the name by which the client reached us leads to the others, too.
    const host = isWildcard(other.host) ? advertised.host : other.host;
    return { nodeId, ...(other.advertised ?? { host, port: this.#ports.get(other) ?? other.port }) };
  }

  /** The nodes that hold a partition, its leader first. Those that are not presented any more do not count. */
  replicasOf({ name, replicas }: StoredTopic, partition: number): readonly number[] {
    const present = replicas?.[partition]?.filter((id) => this.ids.includes(id)) ?? [];
    return present.length > 0 ? present : [this.#at(partitionOf(name, this.ids.length) + partition)];
  }

  /** Replicas for partitions `first` to `end` (exclusive) of a topic: each partition starts one node further. */
  place(name: string, first: number, end: number, replicationFactor: number): number[][] {
    const start = partitionOf(name, this.ids.length);
    return Array.from({ length: end - first }, (_, index) =>
      Array.from({ length: replicationFactor }, (_none, replica) => this.#at(start + first + index + replica)),
    );
  }

  /** Coordinates the group or transaction. */
  coordinatorOf(key: string): number {
    return this.#at(partitionOf(key, this.ids.length));
  }

  #at(index: number): number {
    return this.ids[index % this.ids.length] as number;
  }
}

function nodeIdOf(listener: ListenerOptions): number {
  return listener.nodeId ?? NODE_ID_DEFAULT;
}

export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::' || host === '';
}
