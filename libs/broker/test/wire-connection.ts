import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import {
  type Api,
  correlationIdOf,
  decodeResponse,
  encodeRequest,
  FrameSplitter,
  type RequestInput,
  type Response,
} from '@millrace/wire';

interface Waiting {
  readonly resolve: (frame: Buffer) => void;
  readonly reject: (error: Error) => void;
}

/** A connection that speaks requests and responses and nothing else, so that tests say exactly what goes over the wire. */
export class WireConnection {
  readonly socket: Socket;
  /** Correlation ids in the order in which responses arrived. */
  readonly answered: number[] = [];
  /** Resolves when the other side is gone. */
  readonly closed: Promise<void>;
  readonly #frames = new FrameSplitter(256 * 1024 * 1024);
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;

  private constructor(socket: Socket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('error', () => {});
    void this.closed.then(() => this.#fail());
  }

  static async open(port: number, tls?: ConnectionOptions): Promise<WireConnection> {
    const address = { port, host: '127.0.0.1', noDelay: true };
    const socket = tls === undefined ? connect(address) : connectTls({ ...address, ...tls });
    const ready = tls === undefined ? 'connect' : 'secureConnect';
    await new Promise<void>((resolve, reject) => socket.once(ready, resolve).once('error', reject));
    return new WireConnection(socket);
  }

  async request<A extends Api>(api: A, version: number, body: RequestInput<A>): Promise<Response<A>> {
    const correlationId = this.send(api, version, body);
    const frame = await new Promise<Buffer>((resolve, reject) => this.#waiting.set(correlationId, { resolve, reject }));
    return decodeResponse(api, version, frame).body;
  }

  /** Sends without waiting for anything; returns the correlation id. */
  send<A extends Api>(api: A, version: number, body: RequestInput<A>): number {
    const correlationId = this.#nextId++;
    this.socket.write(Buffer.concat(encodeRequest({ api, version, correlationId, clientId: 'test' }, body)));
    return correlationId;
  }

  /** The next response frame with this id, undecoded. */
  frame(correlationId: number): Promise<Buffer> {
    return new Promise((resolve, reject) => this.#waiting.set(correlationId, { resolve, reject }));
  }

  close(): void {
    this.socket.destroy();
  }

  #onData(chunk: Buffer): void {
    for (const frame of this.#frames.push(chunk)) {
      const id = correlationIdOf(frame);
      this.answered.push(id);
      this.#waiting.get(id)?.resolve(frame);
      this.#waiting.delete(id);
    }
  }

  #fail(): void {
    for (const { reject } of this.#waiting.values())
      reject(new Error('expected a response, found the connection closed'));
    this.#waiting.clear();
  }
}
