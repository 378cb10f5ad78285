import { assert } from '@millrace/std';
import { EffectGate, type Effect, type HeldEffect, type StoredBatch, type WriteMarkers } from '../src/index.ts';

interface Coordinator {
  load(batch: StoredBatch): void;
  start(now: number): Effect[];
  tick(now: number): Effect[];
  nextDeadline(): number;
  unload(now: number): Effect[];
}

/** A coordinator with a log in memory, time that a test moves, and durability that comes at once or when told. */
export class Shell<C extends Coordinator> {
  now = 1_000_000;
  coordinator: C;
  /** What was appended; after a crash, as much of it as was durable. */
  log: StoredBatch[] = [];
  readonly answers = new Map<number, unknown>();
  readonly markers: WriteMarkers[] = [];
  /** While true nothing becomes durable. */
  isSyncHeld = false;
  #durable = 0;
  #gate = new EffectGate();
  #nextToken = 0;
  readonly #create: () => C;

  constructor(create: () => C) {
    this.#create = create;
    this.coordinator = create();
    this.run((coordinator) => coordinator.start(this.now));
  }

  /** A caller with a token of its own; `answer(caller)` is what it has heard. */
  caller(apiVersion = 9): { to: number; apiVersion: number; clientId: string; clientHost: string } {
    return { to: this.#nextToken++, apiVersion, clientId: 'client', clientHost: '/127.0.0.1' };
  }

  run(act: (coordinator: C) => Effect[]): void {
    const { appends, ready } = this.#gate.push(act(this.coordinator));
    for (const { append } of appends) {
      this.log.push(
        append.kind === 'append'
          ? { kind: 'records', records: append.records, transaction: append.transaction }
          : {
              kind: 'marker',
              result: append.result,
              producerId: append.producerId,
              producerEpoch: append.producerEpoch,
            },
      );
    }
    this.#perform(ready);
    if (!this.isSyncHeld) this.becomeDurable();
  }

  /** All that was appended is durable now. */
  becomeDurable(): void {
    this.#durable = this.log.length;
    this.#perform(this.#gate.durable(this.#appended()));
  }

  /** Power is lost: of what was not durable, `kept` batches are there all the same. */
  crash(kept = 0): void {
    this.log = this.log.slice(0, this.#durable + kept);
    this.#durable = this.log.length;
    this.#gate = new EffectGate();
    this.#appendedBefore = this.log.length;
    this.markers.length = 0;
    this.coordinator = this.#create();
    for (const batch of this.log) this.coordinator.load(batch);
    this.run((coordinator) => coordinator.start(this.now));
  }

  advance(ms: number): void {
    const until = this.now + ms;
    for (let at = this.coordinator.nextDeadline(); at <= until; at = this.coordinator.nextDeadline()) {
      this.now = Math.max(this.now, at);
      this.run((coordinator) => coordinator.tick(this.now));
    }
    this.now = until;
  }

  hasAnswer(to: number): boolean {
    return this.answers.has(to);
  }

  #appendedBefore = 0;

  /** The gate numbers appends from 1 for every life of the coordinator. */
  #appended(): number {
    return this.log.length - this.#appendedBefore;
  }

  #perform(effects: readonly HeldEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'writeMarkers') this.markers.push(effect);
      else {
        // C3. Every token is answered exactly once.
        assert(!this.answers.has(effect.to), `expected token ${effect.to} to be answered once`);
        this.answers.set(effect.to, effect.response);
      }
    }
  }
}
