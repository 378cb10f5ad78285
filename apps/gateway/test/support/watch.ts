import { connect, type Socket } from 'node:net';

export interface StreamItem {
  readonly id?: string;
  readonly event?: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- what came over the wire; each test says what it expects of it
  readonly data: any;
}

/** A watcher by server-sent events on a bare socket: reads what comes, can be cut at any byte, can stop reading. */
export class Watch {
  readonly items: StreamItem[] = [];
  readonly socket: Socket;
  /** The last id seen, also of messages without data. */
  lastId: string | undefined;
  status = 0;
  comments = 0;
  isClosed = false;
  readonly #ended = Promise.withResolvers<void>();
  readonly #wakers = new Set<() => void>();
  #text = '';
  #body = '';
  #hasHead = false;
  /** Bytes after which the connection is cut, as by a network that fails. */
  readonly #cutAfterBytes: number;
  #bytes = 0;
  #chunkBytes = 0;
  #isBehindChunk = false;
  readonly #utf8 = new TextDecoder();

  constructor(url: string, headers: Record<string, string> = {}, cutAfterBytes = Number.POSITIVE_INFINITY) {
    const { hostname, port, pathname, search } = new URL(url);
    this.#cutAfterBytes = cutAfterBytes;
    this.socket = connect(Number(port), hostname);
    const lines = Object.entries({ host: `${hostname}:${port}`, accept: 'text/event-stream', ...headers });
    this.socket.write(
      `GET ${pathname}${search} HTTP/1.1\r\n${lines.map(([key, value]) => `${key}: ${value}\r\n`).join('')}\r\n`,
    );
    this.socket.on('data', (chunk: Buffer) => this.#take(chunk));
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      this.isClosed = true;
      this.#ended.resolve();
      this.#wake();
    });
  }

  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  cut(): void {
    this.socket.destroy();
  }

  /** Resolves when it holds, or the stream has ended. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition() && !this.isClosed) {
      await new Promise<void>((resolve) => {
        const waker = (): void => {
          this.#wakers.delete(waker);
          resolve();
        };
        this.#wakers.add(waker);
      });
    }
  }

  get events(): StreamItem[] {
    return this.items.filter(({ event }) => event === undefined);
  }

  #wake(): void {
    for (const waker of this.#wakers) waker();
  }

  #take(chunk: Buffer): void {
    const room = this.#cutAfterBytes - this.#bytes;
    const taken = chunk.subarray(0, Math.max(0, room));
    this.#bytes += taken.length;
    this.#text += taken.toString('latin1');
    this.#read();
    if (this.#bytes >= this.#cutAfterBytes) this.cut();
    this.#wake();
  }

  #read(): void {
    if (!this.#hasHead) {
      const end = this.#text.indexOf('\r\n\r\n');
      if (end === -1) return;
      this.status = Number(this.#text.slice(9, 12));
      this.#text = this.#text.slice(end + 4);
      this.#hasHead = true;
    }
    this.#unchunk();
    for (let end = this.#body.indexOf('\n\n'); end !== -1; end = this.#body.indexOf('\n\n')) {
      this.#dispatch(this.#body.slice(0, end));
      this.#body = this.#body.slice(end + 2);
    }
  }

  /** HTTP/1.1 chunks: their content as it comes, for a chunk can hold many events and be cut anywhere. */
  #unchunk(): void {
    for (;;) {
      if (this.#chunkBytes > 0) {
        const part = this.#text.slice(0, this.#chunkBytes);
        this.#body += this.#utf8.decode(Buffer.from(part, 'latin1'), { stream: true });
        this.#text = this.#text.slice(part.length);
        this.#chunkBytes -= part.length;
        if (this.#chunkBytes > 0) return;
        this.#isBehindChunk = true;
      }
      if (this.#isBehindChunk) {
        if (this.#text.length < 2) return;
        this.#text = this.#text.slice(2);
        this.#isBehindChunk = false;
      }
      const line = this.#text.indexOf('\r\n');
      if (line === -1) return;
      this.#chunkBytes = Number.parseInt(this.#text.slice(0, line), 16);
      this.#text = this.#text.slice(line + 2);
      // The response is over; the connection could be used again, but not by us.
      if (this.#chunkBytes === 0) return this.cut();
    }
  }

  #dispatch(block: string): void {
    if (block.includes(': heartbeat')) this.comments += 1;
    const fields = new Map(
      block
        .split('\n')
        .flatMap((line) => (line.startsWith(':') ? [] : [line.split(/: (.*)/s).slice(0, 2) as [string, string]])),
    );
    const id = fields.get('id');
    if (id !== undefined) this.lastId = id;
    const data = fields.get('data');
    if (data === undefined) return;
    const event = fields.get('event');
    this.items.push({
      ...(id === undefined ? {} : { id }),
      ...(event === undefined ? {} : { event }),
      data: JSON.parse(data),
    });
  }
}

/** What identifies an event in the log. */
export const place = ({ data }: StreamItem): string => `${data.partition}.${data.offset}`;
