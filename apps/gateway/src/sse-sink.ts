import type { ServerResponse } from 'node:http';
import type { Clock } from '@millrace/std';
import { gatewayLimits } from './limits.ts';
import type { Encoding, WatchSink } from './watch-sink.ts';

/** Server-sent events as the HTML standard writes them. JSON has no raw line breaks, so `data` is one line. */
const sseEncoding: Encoding = {
  event: (id, json) => Buffer.from(`id: ${id}\ndata: ${json}\n\n`),
  // An id without data moves the watcher's last event id and dispatches nothing.
  heartbeat: (id) => Buffer.from(id === undefined ? ': heartbeat\n\n' : `id: ${id}\n: heartbeat\n\n`),
  reset: (notice) => Buffer.from(`event: reset\ndata: ${JSON.stringify(notice)}\n\n`),
  tooSlow: (notice) => Buffer.from(`event: too-slow\ndata: ${JSON.stringify(notice)}\n\n`),
};

export class SseSink implements WatchSink {
  readonly encoding = sseEncoding;
  readonly #response: ServerResponse;
  readonly #clock: Clock;

  constructor(response: ServerResponse, clock: Clock) {
    this.#response = response;
    this.#clock = clock;
    response.socket?.setNoDelay(true);
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      // Tells nginx not to collect the stream before passing it on.
      'x-accel-buffering': 'no',
    });
    response.write('retry: 1000\n\n');
  }

  get bufferedBytes(): number {
    return this.#response.writableLength;
  }

  get isClosed(): boolean {
    return this.#response.writableEnded || this.#response.destroyed;
  }

  send(frame: Buffer): void {
    if (!this.isClosed) this.#response.write(frame);
  }

  drained(): Promise<void> {
    if (this.isClosed || !this.#response.writableNeedDrain) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        this.#response.off('drain', done).off('close', done);
        resolve();
      };
      this.#response.on('drain', done).on('close', done);
    });
  }

  end(): void {
    if (this.isClosed) return;
    this.#response.end();
    const cancel = this.#clock.after(gatewayLimits.closeMsMax, () => void this.#response.destroy());
    this.#response.once('close', cancel);
  }

  onClose(listener: () => void): void {
    this.#response.once('close', listener);
  }
}
