import type { InstanceId } from '@millrace/records';
import type { Clock } from '@millrace/std';
import { ProjectionError } from './errors.ts';
import type { FeedEvent } from './feed-event.ts';

export const waiterLimits = {
  /** Calls waiting for an event at one time; beyond it a call is refused at once instead of making memory grow. */
  waitersMax: 20_000,
} as const;

export interface Wait {
  /** The event waited for; a `ProjectionError` when it does not come in time. */
  readonly event: Promise<FeedEvent>;
  /** The caller no longer wants it. The promise then never settles. */
  cancel(): void;
}

interface Waiter {
  readonly accepts: (event: FeedEvent) => boolean;
  readonly resolve: (event: FeedEvent) => void;
  readonly reject: (error: ProjectionError) => void;
  readonly stop: () => void;
}

/** Those who wait for the event of a request, or for the end of an instance. Register before asking, or it may pass unseen. */
export class Waiters {
  readonly #clock: Clock;
  readonly #byRequest = new Map<string, Set<Waiter>>();
  readonly #byInstance = new Map<InstanceId, Set<Waiter>>();
  #count = 0;
  #isClosed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get count(): number {
    return this.#count;
  }

  forRequest(requestId: string, timeoutMs: number, accepts: (event: FeedEvent) => boolean = () => true): Wait {
    return this.#add(this.#byRequest, requestId, timeoutMs, accepts);
  }

  forEnd(instanceId: InstanceId, timeoutMs: number): Wait {
    return this.#add(this.#byInstance, instanceId, timeoutMs, ({ event }) => ends.has(event.kind));
  }

  /** Call when the read models hold the events. */
  tell(events: readonly FeedEvent[]): void {
    if (this.#count === 0) return;
    for (const event of events) {
      if (event.event.requestId !== undefined) this.#wake(this.#byRequest, event.event.requestId, event);
      if (event.instanceId !== undefined) this.#wake(this.#byInstance, event.instanceId, event);
    }
  }

  /** Those who wait for an end may wait for long: a server that goes down tells them first, and lets the others finish. */
  closeEnds(): void {
    tellClosed(this.#byInstance);
  }

  close(): void {
    this.#isClosed = true;
    tellClosed(this.#byRequest);
    tellClosed(this.#byInstance);
  }

  #wake(waiting: Map<string, Set<Waiter>>, key: string, event: FeedEvent): void {
    for (const waiter of waiting.get(key) ?? []) {
      if (!waiter.accepts(event)) continue;
      waiter.stop();
      waiter.resolve(event);
    }
  }

  #add(
    waiting: Map<string, Set<Waiter>>,
    key: string,
    timeoutMs: number,
    accepts: (event: FeedEvent) => boolean,
  ): Wait {
    if (this.#isClosed) throw new ProjectionError('PROJECTION_CLOSED', 'the server is shutting down');
    if (this.#count >= waiterLimits.waitersMax) {
      throw new ProjectionError('OVERLOADED', `expected at most ${waiterLimits.waitersMax} calls waiting at one time`);
    }
    const { promise, resolve, reject } = Promise.withResolvers<FeedEvent>();
    // A wait may fail before anybody awaits it (the command is still being sent): that is not an unhandled rejection.
    promise.catch(() => {});
    const cancelTimer = this.#clock.after(timeoutMs, () => {
      waiter.stop();
      reject(new ProjectionError('WAIT_TIMED_OUT', `expected an answer within ${timeoutMs} ms, found none`));
    });
    const waiter: Waiter = {
      accepts,
      resolve,
      reject,
      stop: () => {
        cancelTimer();
        const set = waiting.get(key);
        if (set?.delete(waiter) !== true) return;
        this.#count -= 1;
        if (set.size === 0) waiting.delete(key);
      },
    };
    let set = waiting.get(key);
    if (set === undefined) waiting.set(key, (set = new Set()));
    set.add(waiter);
    this.#count += 1;
    return { event: promise, cancel: waiter.stop };
  }
}

function tellClosed(waiting: ReadonlyMap<string, ReadonlySet<Waiter>>): void {
  for (const waiters of waiting.values()) {
    for (const waiter of waiters) {
      waiter.stop();
      waiter.reject(
        new ProjectionError('PROJECTION_CLOSED', 'the server is shutting down; what was asked for stays asked for'),
      );
    }
  }
}

const ends: ReadonlySet<string> = new Set([
  'instance.completed',
  'instance.terminated',
  'instance.cancelled',
  'instance.expired',
]);
