import { assert } from '@millrace/std';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import type { ProducerIdentity, WriteMarkers } from '../../src/index.ts';
import { TransactionBench } from './transaction-bench.ts';

type Entry =
  | { readonly kind: 'data'; readonly producer: ProducerIdentity; readonly transaction: string }
  | { readonly kind: 'marker'; readonly producer: ProducerIdentity; readonly result: 'commit' | 'abort' };

const TOPICS = ['a', 'b', 'c'];

/** Partitions as logs hold them: what their markers say is what readers see. */
class Partitions {
  readonly logs = new Map<string, Entry[]>(TOPICS.map((topic) => [topic, []]));

  mark({ producerId, producerEpoch, result }: WriteMarkers, topic: string): void {
    this.logs.get(topic)?.push({ kind: 'marker', producer: { producerId, producerEpoch }, result });
  }

  /** How each transaction ended in each partition it wrote to; `open` if no marker followed. */
  outcomes(): Map<string, Set<string>> {
    const outcomes = new Map<string, Set<string>>();
    for (const log of this.logs.values()) {
      log.forEach((entry, index) => {
        if (entry.kind !== 'data') return;
        const end = log
          .slice(index)
          .find((later) => later.kind === 'marker' && later.producer.producerId === entry.producer.producerId);
        const outcome = end?.kind === 'marker' ? end.result : 'open';
        outcomes.set(entry.transaction, (outcomes.get(entry.transaction) ?? new Set()).add(outcome));
      });
    }
    return outcomes;
  }
}

/** A producer that follows the protocol, and does not know when another has taken its place. */
class Producer {
  identity: ProducerIdentity | null = null;
  /** What the coordinator has said about the end of each of its transactions. */
  readonly told = new Map<string, 'commit' | 'abort'>();
  readonly #name: string;
  readonly #bench: TransactionBench;
  readonly #partitions: Partitions;
  #count = 0;
  #topics = new Set<string>();
  #waiting: { token: number; heard: () => void } | null = null;
  #ending: 'commit' | 'abort' | null = null;

  constructor(name: string, bench: TransactionBench, partitions: Partitions) {
    this.#name = name;
    this.#bench = bench;
    this.#partitions = partitions;
  }

  init(keepsIdentity: boolean): void {
    if (this.#isWaiting()) return;
    const claimed = keepsIdentity && this.identity !== null ? this.identity : undefined;
    const token = this.#bench.sendInit(claimed, 5_000);
    this.#wait(token, () => {
      const { errorCode, producerId, producerEpoch } = this.#bench.initialized(token);
      if (errorCode !== 0) return;
      this.identity = { producerId, producerEpoch };
      this.#startAnew();
    });
  }

  add(topic: string): void {
    if (this.#isWaiting() || this.identity === null || this.#ending !== null) return;
    const token = this.#bench.sendAdd(this.identity, topic);
    this.#wait(token, () => {
      if (this.#bench.added(token) === 0) this.#topics.add(topic);
    });
  }

  write(topic: string): void {
    if (this.#isWaiting() || this.identity === null || this.#ending !== null || !this.#topics.has(topic)) return;
    if (this.#bench.verify(this.identity, topic) !== null) return;
    this.#partitions.logs.get(topic)?.push({ kind: 'data', producer: this.identity, transaction: this.#transaction() });
  }

  /** Once it has asked for an end it repeats just that until it is answered. */
  end(committed: boolean): void {
    if (this.#isWaiting() || this.identity === null || this.#topics.size === 0) return;
    this.#ending ??= committed ? 'commit' : 'abort';
    const result = this.#ending;
    const token = this.#bench.sendEnd(this.identity, result === 'commit');
    this.#wait(token, () => {
      if (this.#bench.ended(token) !== 0) return;
      this.told.set(this.#transaction(), result);
      this.#startAnew();
    });
  }

  /** The broker is gone and with it the answers on their way. */
  loseConnection(): void {
    this.#waiting = null;
  }

  #isWaiting(): boolean {
    if (this.#waiting === null) return false;
    if (!this.#bench.hasAnswer(this.#waiting.token)) return true;
    const { heard } = this.#waiting;
    this.#waiting = null;
    heard();
    return false;
  }

  /** Hears the last answer, if it has come. */
  listen(): void {
    this.#isWaiting();
  }

  #wait(token: number, heard: () => void): void {
    this.#waiting = { token, heard };
    this.listen();
  }

  #startAnew(): void {
    this.#count++;
    this.#topics = new Set();
    this.#ending = null;
  }

  #transaction(): string {
    return `${this.#name} ${this.#count}`;
  }
}

const producer = fc.nat(2);
const topic = fc.constantFrom(...TOPICS);
const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ act: fc.constant('init' as const), producer, keepsIdentity: fc.boolean() }) },
  { weight: 6, arbitrary: fc.record({ act: fc.constant('add' as const), producer, topic }) },
  { weight: 8, arbitrary: fc.record({ act: fc.constant('write' as const), producer, topic }) },
  { weight: 4, arbitrary: fc.record({ act: fc.constant('end' as const), producer, committed: fc.boolean() }) },
  { weight: 6, arbitrary: fc.record({ act: fc.constant('markers' as const), fails: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('time' as const), ms: fc.nat(15_000) }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('hold' as const) }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('release' as const) }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('crash' as const), kept: fc.nat(2), marked: fc.nat(2) }) },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

describe('any requests, with crashes at any append', () => {
  it('T1, T2: end every transaction one way in all its partitions, the way its producer was told', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
        const bench = new TransactionBench({ waitMsMax: 1_000 });
        const partitions = new Partitions();
        const producers = ['p', 'q', 'r'].map((name) => new Producer(name, bench, partitions));
        for (const one of steps) {
          act(bench, partitions, producers, one);
          for (const each of producers) each.listen();
        }
        finish(bench, partitions);
        for (const each of producers) each.listen();
        check(partitions, producers);
      }),
      { numRuns: 2_000 },
    );
  });
});

function act(bench: TransactionBench, partitions: Partitions, producers: readonly Producer[], one: Step): void {
  switch (one.act) {
    case 'init':
      return producers[one.producer]?.init(one.keepsIdentity);
    case 'add':
      return producers[one.producer]?.add(one.topic);
    case 'write':
      return producers[one.producer]?.write(one.topic);
    case 'end':
      return producers[one.producer]?.end(one.committed);
    case 'markers':
      return writeMarkers(bench, partitions, one.fails ? 1 : Infinity);
    case 'time':
      return bench.advance(one.ms);
    case 'hold':
      bench.isSyncHeld = true;
      return;
    case 'release':
      bench.isSyncHeld = false;
      return bench.becomeDurable();
    case 'crash': {
      // Some markers are in their logs already, and nobody has said so.
      const [effect] = bench.markers;
      for (const { topic: name } of effect?.partitions.slice(0, one.marked) ?? []) partitions.mark(effect!, name);
      bench.isSyncHeld = false;
      bench.crash(one.kept);
      for (const each of producers) each.loseConnection();
    }
  }
}

function writeMarkers(bench: TransactionBench, partitions: Partitions, most: number): void {
  for (const effect of bench.markers.splice(0)) {
    const written = effect.partitions.slice(0, most);
    for (const { topic: name } of written) partitions.mark(effect, name);
    const isWhole = written.length === effect.partitions.length;
    bench.run((transactions) =>
      isWhole ? transactions.markersWritten(effect, bench.now) : transactions.markersFailed(effect, bench.now),
    );
  }
}

/** The disk works, and time passes: whatever is still open runs into its timeout. */
function finish(bench: TransactionBench, partitions: Partitions): void {
  bench.isSyncHeld = false;
  bench.becomeDurable();
  for (let round = 0; round < 4; round++) {
    writeMarkers(bench, partitions, Infinity);
    bench.advance(20_000);
  }
}

function check(partitions: Partitions, producers: readonly Producer[]): void {
  const outcomes = partitions.outcomes();
  for (const [transaction, found] of outcomes) {
    assert(!found.has('open'), `expected ${transaction} to have its markers everywhere`);
    assert(found.size === 1, `expected ${transaction} to end one way, found ${[...found].join(' and ')}`);
  }
  for (const { told } of producers) {
    for (const [transaction, result] of told) {
      const found = outcomes.get(transaction);
      assert(found === undefined || found.has(result), `expected ${transaction} to ${result}, as was said`);
    }
  }
}
