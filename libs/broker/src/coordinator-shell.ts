import {
  type Append,
  type AppendMarker,
  type Caller,
  type Effect,
  EffectGate,
  type HeldEffect,
  type ReplyTo,
  type StoredBatch,
  type WriteMarkers,
} from '@millrace/coordinator';
import type { Log } from '@millrace/log';
import { encodeBatch, encodeControlBatch } from '@millrace/wire';
import type { Deadline, Deadlines } from './deadlines.ts';
import type { Exchange } from './exchange.ts';
import type { GroupCommit } from './group-commit.ts';
import { storedBatches } from './stored-batches.ts';

/** What both coordinators have in common. */
interface Coordinator {
  load(batch: StoredBatch): void;
  start(now: number): Effect[];
  tick(now: number): Effect[];
  nextDeadline(): number;
  unload(now: number): Effect[];
}

export interface ShellOptions<C extends Coordinator> {
  readonly coordinator: C;
  /** Its partition of an internal topic. */
  readonly log: Log;
  readonly commit: GroupCommit;
  readonly deadlines: Deadlines;
  /** Carries out `writeMarkers`, which only transactions have. */
  readonly writeMarkers: (effect: WriteMarkers) => void;
  /** Its partition cannot be written any more (B8). */
  readonly onFailure: (error: unknown) => void;
}

/**
 * The world around one pure coordinator: its partition of the log, the time, and who waits for replies. Appends are carried
 * out at once and in order, everything else when what came before it is durable (coordinator C1).
 */
export class CoordinatorShell<C extends Coordinator> {
  readonly #options: ShellOptions<C>;
  readonly #gate = new EffectGate();
  readonly #waiting = new Map<ReplyTo<unknown>, (response: unknown) => void>();
  #nextToken = 0;
  #deadline: Deadline | undefined;
  #hasFailed = false;

  constructor(options: ShellOptions<C>) {
    this.#options = options;
  }

  get coordinator(): C {
    return this.#options.coordinator;
  }

  /** Requests that wait for their reply. */
  get waitingCount(): number {
    return this.#waiting.size;
  }

  load(): void {
    for (const batch of storedBatches(this.#options.log)) this.coordinator.load(batch);
  }

  start(): void {
    this.run((coordinator, now) => coordinator.start(now));
  }

  /** Puts a request to the coordinator; `then` hears the response once it may be heard. */
  call<Response>(
    exchange: Exchange<never>,
    act: (coordinator: C, caller: Caller<Response>, now: number) => Effect[],
    then: (response: Response) => void,
  ): void {
    const { header, clientHost } = exchange;
    const caller = {
      to: this.expect(then),
      apiVersion: header.version,
      clientId: header.clientId ?? '',
      clientHost: `/${clientHost}`,
    };
    this.run((coordinator, now) => act(coordinator, caller, now));
  }

  /** A token for a reply that is to come. */
  expect<Response>(then: (response: Response) => void): ReplyTo<Response> {
    const token: ReplyTo<Response> = this.#nextToken++;
    this.#waiting.set(token as ReplyTo<unknown>, then as (response: unknown) => void);
    return token;
  }

  run(act: (coordinator: C, now: number) => Effect[]): void {
    const now = this.#options.deadlines.now();
    this.#carryOut(act(this.coordinator, now), now);
    this.#setDeadline();
  }

  /** Answers who still waits. */
  close(): void {
    this.run((coordinator, now) => coordinator.unload(now));
    if (this.#deadline !== undefined) this.#options.deadlines.cancel(this.#deadline);
  }

  #carryOut(effects: readonly Effect[], now: number): void {
    const { log, commit } = this.#options;
    const { appends, ready } = this.#gate.push(effects);
    // All appends before anything else: performing an effect may lead back here, and must not get between them.
    for (const { append } of appends) {
      const result = log.append(encode(append, now), { origin: 'coordinator' });
      if (result.error !== undefined) return this.#fail(result.message);
    }
    const last = appends.at(-1);
    if (last !== undefined) {
      commit.touch(log);
      commit.whenDurable(() => {
        if (log.state.kind === 'offline') this.#fail(log.state.reason);
        else this.#perform(this.#gate.durable(last.sequence));
      });
    }
    this.#perform(ready);
  }

  #perform(effects: readonly HeldEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'writeMarkers') {
        this.#options.writeMarkers(effect);
        continue;
      }
      const then = this.#waiting.get(effect.to);
      this.#waiting.delete(effect.to);
      then?.(effect.response);
    }
  }

  /** The memory is ahead of the log for good (coordinator C2), so nothing more is answered from it. */
  #fail(reason: string): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#gate.fail();
    this.#options.onFailure(new Error(`expected an internal topic to be writable, found: ${reason}`));
  }

  #setDeadline(): void {
    const { deadlines } = this.#options;
    const at = this.coordinator.nextDeadline();
    if (this.#deadline?.callback !== undefined) {
      if (this.#deadline.at === at) return;
      deadlines.cancel(this.#deadline);
    }
    this.#deadline = at === Infinity ? undefined : deadlines.add(at, () => this.run((one, now) => one.tick(now)));
  }
}

function encode(append: Append | AppendMarker, now: number): Buffer {
  if (append.kind === 'appendMarker') return encodeControlBatch(append.result, { ...append, timestamp: now });
  const records = append.records.map(({ key, value }) => ({ key, value, timestamp: now }));
  if (append.transaction === null) return encodeBatch(records);
  return encodeBatch(records, { ...append.transaction, baseSequence: -1, isTransactional: true });
}
