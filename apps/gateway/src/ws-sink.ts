import type { StreamMessage } from '@millrace/contract';
import type { Clock } from '@millrace/std';
import type { WebSocket } from '@fastify/websocket';
import { gatewayLimits } from './limits.ts';
import type { Encoding, WatchSink } from './watch-sink.ts';

const message = (content: Exclude<StreamMessage, { kind: 'event' }>): Buffer => Buffer.from(JSON.stringify(content));

/** One `StreamMessage` of the contract per WebSocket message. */
const wsEncoding: Encoding = {
  event: (id, json) => Buffer.from(`{"kind":"event","id":${JSON.stringify(id)},"event":${json}}`),
  heartbeat: (id) => message(id === undefined ? { kind: 'heartbeat' } : { kind: 'position', id }),
  reset: (reset) => message({ kind: 'reset', reset }),
  tooSlow: (tooSlow) => message({ kind: 'too-slow', tooSlow }),
};

/** RFC 6455 §7.4.1: "going away", and the code for a policy that was broken. */
const GOING_AWAY = 1001;

export class WsSink implements WatchSink {
  readonly encoding = wsEncoding;
  readonly #socket: WebSocket;
  readonly #clock: Clock;
  #lastSend: Promise<void> = Promise.resolve();

  constructor(socket: WebSocket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  get isClosed(): boolean {
    return this.#socket.readyState !== this.#socket.OPEN;
  }

  send(frame: Buffer): void {
    if (this.isClosed) return;
    // The callback comes when the frame has left for the kernel, with an error when the socket is gone: either way it is over.
    this.#lastSend = new Promise((resolve) => this.#socket.send(frame, { binary: false }, () => resolve()));
  }

  drained(): Promise<void> {
    return this.isClosed || this.bufferedBytes === 0 ? Promise.resolve() : this.#lastSend;
  }

  end(): void {
    if (this.isClosed) return;
    this.#socket.close(GOING_AWAY);
    const cancel = this.#clock.after(gatewayLimits.closeMsMax, () => this.#socket.terminate());
    this.#socket.once('close', cancel);
  }

  onClose(listener: () => void): void {
    this.#socket.once('close', listener);
  }
}
