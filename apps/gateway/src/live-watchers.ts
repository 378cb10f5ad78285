/**
 * Those who have caught up, and the one listener that serves them all.
 *
 * G1. A watcher joins in the turn in which it has been sent everything before the feed's position (F3 of the projection):
 *     no event between its history and its live stream is missing or doubled.
 * G2. A slow watcher costs its buffer and nothing else: at the bound it is told and closed, and nobody waits for it.
 */
import { allPosition, instancePosition } from '@millrace/contract';
import type { FeedBatch, FeedEvent, Projection } from '@millrace/projection';
import type { Clock } from '@millrace/std';
import type { EventFilter } from './event-filter.ts';
import { gatewayLimits } from './limits.ts';
import type { Encoding, WatchSink } from './watch-sink.ts';

interface LiveAll {
  readonly sink: WatchSink;
  readonly filter: EventFilter;
}

export class LiveWatchers {
  readonly #projection: Projection;
  readonly #ofInstance = new Map<string, Set<WatchSink>>();
  readonly #ofAll = new Set<LiveAll>();
  /** Also those who are still catching up: they count, and they are closed with the rest. */
  readonly #open = new Set<WatchSink>();
  readonly #unsubscribe: () => void;
  readonly #clock: Clock;
  #stopHeartbeat: () => void = () => {};
  #isClosed = false;

  constructor(projection: Projection, clock: Clock) {
    this.#projection = projection;
    this.#clock = clock;
    this.#unsubscribe = projection.feed.subscribe((batch) => this.#fanOut(batch));
    this.#beatLater();
  }

  get count(): number {
    return this.#open.size;
  }

  open(sink: WatchSink): void {
    this.#open.add(sink);
    sink.onClose(() => void this.#open.delete(sink));
    // It was let in before the server began to close: it would be what the server waits for.
    if (this.#isClosed) sink.end();
  }

  joinInstance(id: string, sink: WatchSink): void {
    if (sink.isClosed) return;
    let sinks = this.#ofInstance.get(id);
    if (sinks === undefined) this.#ofInstance.set(id, (sinks = new Set()));
    sinks.add(sink);
    sink.onClose(() => this.#leaveInstance(id, sink));
  }

  joinAll(sink: WatchSink, filter: EventFilter): void {
    if (sink.isClosed) return;
    const watcher = { sink, filter };
    this.#ofAll.add(watcher);
    sink.onClose(() => void this.#ofAll.delete(watcher));
  }

  close(): void {
    this.#isClosed = true;
    this.#stopHeartbeat();
    this.#unsubscribe();
    for (const sink of this.#open) sink.end();
  }

  #fanOut({ partition, events }: FeedBatch): void {
    if (this.#open.size === 0) return;
    const { epoch } = this.#projection.log;
    for (const event of events) {
      const sinks = event.instanceId === undefined ? undefined : this.#ofInstance.get(event.instanceId);
      if (sinks !== undefined) {
        const frames = new Frames(instancePosition(partition, event.offset, epoch), event);
        for (const sink of sinks) this.#offer(sink, frames);
      }
      if (this.#ofAll.size > 0) {
        const frames = new Frames(allPosition(this.#positionsBehind(event), epoch), event);
        for (const { sink, filter } of this.#ofAll) if (filter(event)) this.#offer(sink, frames);
      }
    }
  }

  /** The feed is behind the whole batch already; this event's own partition is only behind the event. */
  #positionsBehind(event: FeedEvent): number[] {
    const positions = [...this.#projection.feed.positions];
    positions[event.partition] = event.offset + 1;
    return positions;
  }

  #offer(sink: WatchSink, frames: Frames): void {
    const { bufferedBytes } = sink;
    if (bufferedBytes <= gatewayLimits.bufferBytesMax) return sink.send(frames.for(sink.encoding));
    if (sink.isClosed) return;
    const bufferedBytesMax = gatewayLimits.bufferBytesMax;
    const message = `expected at most ${bufferedBytesMax} bytes waiting for this watcher; resume by the last id`;
    sink.send(sink.encoding.tooSlow({ bufferedBytes, bufferedBytesMax, message })); // G2
    sink.end();
  }

  #beatLater(): void {
    this.#stopHeartbeat = this.#clock.after(gatewayLimits.heartbeatMs, () => {
      this.#beat();
      this.#beatLater();
    });
  }

  #beat(): void {
    const position = allPosition(this.#projection.feed.positions, this.#projection.log.epoch);
    for (const { sink } of this.#ofAll) if (sink.bufferedBytes === 0) sink.send(sink.encoding.heartbeat(position));
    for (const sinks of this.#ofInstance.values()) {
      for (const sink of sinks) if (sink.bufferedBytes === 0) sink.send(sink.encoding.heartbeat(undefined));
    }
  }

  #leaveInstance(id: string, sink: WatchSink): void {
    const sinks = this.#ofInstance.get(id);
    if (sinks?.delete(sink) === true && sinks.size === 0) this.#ofInstance.delete(id);
  }
}

/** One event as each kind of stream writes it, made when the first watcher of that kind needs it. */
class Frames {
  readonly #id: string;
  readonly #event: FeedEvent;
  readonly #made = new Map<Encoding, Buffer>();

  constructor(id: string, event: FeedEvent) {
    this.#id = id;
    this.#event = event;
  }

  for(encoding: Encoding): Buffer {
    let frame = this.#made.get(encoding);
    if (frame === undefined) this.#made.set(encoding, (frame = encoding.event(this.#id, this.#event.json)));
    return frame;
  }
}
