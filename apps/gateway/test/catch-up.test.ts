import { partitionOfInstance } from '@millrace/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catchUpInstance } from '../src/catch-up.ts';
import { LiveWatchers } from '../src/live-watchers.ts';
import type { Encoding, WatchSink } from '../src/watch-sink.ts';
import { Mill, reviewed } from './support/mill.ts';

const encoding: Encoding = {
  event: (id) => Buffer.from(id),
  heartbeat: () => Buffer.from(''),
  reset: () => Buffer.from(''),
  tooSlow: () => Buffer.from(''),
};

/** A watcher in this process, which takes everything at once. */
class Sink implements WatchSink {
  readonly encoding = encoding;
  readonly sent: string[] = [];
  readonly bufferedBytes = 0;
  isClosed = false;
  #listeners: (() => void)[] = [];

  get listenerCount(): number {
    return this.#listeners.length;
  }
  send(frame: Buffer): void {
    this.sent.push(String(frame));
  }
  drained(): Promise<void> {
    return Promise.resolve();
  }
  end(): void {
    this.isClosed = true;
    for (const listener of this.#listeners.splice(0)) listener();
  }
  onClose(listener: () => void): void {
    this.#listeners.push(listener);
  }
}

describe('a watcher', () => {
  let mill: Mill;
  beforeAll(async () => {
    mill = await Mill.start();
    await mill.deploy(reviewed('p'));
  });
  afterAll(() => mill.end());

  it('whose id is ahead of the feed waits without leaving more behind with each event', async () => {
    const { projection } = mill;
    const id = await mill.startInstance('p');
    const live = new LiveWatchers(projection, mill.clock);
    const sink = new Sink();
    const ahead = projection.feed.position(partitionOfInstance(id)) + 1_000;
    const following = catchUpInstance(projection, live, id, ahead, sink);
    for (let count = 0; count < 5; count += 1) await mill.startInstance('p');
    expect(sink.listenerCount).toBe(1);
    sink.end();
    await following;
    live.close();
  });

  it('that was let in before the server began to close, and comes after, is ended too', () => {
    const live = new LiveWatchers(mill.projection, mill.clock);
    const sink = new Sink();
    live.close();
    live.open(sink);
    expect(sink.isClosed).toBe(true);
    expect(live.count).toBe(0);
  });
});
