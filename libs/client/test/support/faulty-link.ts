import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';
import { type Api, FrameSplitter, apiOf, correlationIdOf, decodeRequestHeader } from '@millrace/wire';

/** What becomes of one request on its way through the link. */
export type Fate =
  /** It reaches the broker and its answer comes back. */
  | 'pass'
  /** The connection ends before the broker sees it. */
  | 'lose request'
  /** The broker does what is asked, and the connection ends instead of the answer. */
  | 'lose answer'
  /** The broker does what is asked and the answer never comes, while the connection stays. */
  | 'keep silent';

const FRAME_BYTES_MAX = 256 * 1024 * 1024;

/** A TCP hop between a client and a broker that counts requests and lets chosen ones fail. */
export class FaultyLink {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #rules: { readonly api: Api; readonly fates: Fate[] }[] = [];
  readonly #held = new Map<number, { onArrival: () => void; mayGo: Promise<void> }>();
  /** Names of the requests that arrived, in order. */
  readonly seen: string[] = [];
  target = 0;

  private constructor() {
    this.#server = createServer((socket) => this.#accept(socket));
  }

  static async open(): Promise<FaultyLink> {
    const link = new FaultyLink();
    await new Promise<void>((resolve) => void link.#server.listen(0, '127.0.0.1', resolve));
    return link;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Open connections of clients. */
  get connections(): number {
    return this.#sockets.size / 2;
  }

  /** The next requests of the API meet these fates, one each; all others pass. */
  next(api: Api, ...fates: readonly Fate[]): void {
    this.#rules.push({ api, fates: [...fates] });
  }

  /** The next request of the API waits here; it and whatever follows it on its connection goes on when `mayGo` resolves. */
  hold(api: Api, onArrival: () => void, mayGo: Promise<void>): void {
    this.#held.set(api.key, { onArrival, mayGo });
  }

  /** Ends every connection; new ones are taken. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => void this.#server.close(resolve));
  }

  #accept(client: Socket): void {
    const broker = connect({ host: '127.0.0.1', port: this.target, noDelay: true });
    const toBroker = new FrameSplitter(FRAME_BYTES_MAX);
    const toClient = new FrameSplitter(FRAME_BYTES_MAX);
    const fates = new Map<number, Fate>();
    client.setNoDelay(true);
    let ahead: Promise<void> | undefined;
    client.on('data', (chunk: Buffer) => {
      if (client.destroyed) return;
      for (const frame of toBroker.push(chunk)) {
        const { apiKey, correlationId } = decodeRequestHeader(frame);
        const fate = this.#fateOf(apiKey);
        fates.set(correlationId, fate);
        if (fate === 'lose request') client.destroy();
        else ahead = this.#forward(broker, frame, apiKey, ahead);
      }
    });
    broker.on('data', (chunk: Buffer) => {
      for (const frame of toClient.push(chunk)) {
        const fate = fates.get(correlationIdOf(frame));
        if (fate === 'lose answer') client.destroy();
        else if (fate !== 'keep silent') write(client, frame);
      }
    });
    for (const [socket, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
  }

  /** @returns what a later frame of the connection has to wait for */
  #forward(broker: Socket, frame: Buffer, apiKey: number, ahead: Promise<void> | undefined): Promise<void> | undefined {
    const held = this.#held.get(apiKey);
    if (held !== undefined) {
      this.#held.delete(apiKey);
      held.onArrival();
    }
    const wait = held?.mayGo ?? ahead;
    if (wait === undefined) write(broker, frame);
    else void wait.then(() => write(broker, frame));
    return wait;
  }

  #fateOf(apiKey: number): Fate {
    this.seen.push(apiOf(apiKey)?.name ?? String(apiKey));
    const rule = this.#rules.find(({ api, fates }) => api.key === apiKey && fates.length > 0);
    return rule?.fates.shift() ?? 'pass';
  }
}

function write(socket: Socket, frame: Buffer): void {
  const prefix = Buffer.allocUnsafe(4);
  prefix.writeInt32BE(frame.length, 0);
  socket.cork();
  socket.write(prefix);
  socket.write(frame);
  socket.uncork();
}
