import { assert } from '@millrace/std';
import type { Entrance } from './nodes.ts';
import type { ListenerOptions } from './options.ts';
import type { Access } from './security/access.ts';
import type { Session } from './security/session.ts';

export interface RequestHeader {
  readonly apiKey: number;
  readonly version: number;
  readonly correlationId: number;
  readonly clientId: string | null;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** The connection as an exchange sees it. */
export interface ExchangeOwner {
  readonly clientHost: string;
  readonly session: Session;
  /** Through which it came. */
  readonly listener: ListenerOptions;
  /** Where clients that came this way are told to connect. */
  readonly advertised: Address;
  readonly isOpen: boolean;
  /** Starts nothing more for so long: the client has used more than it may. */
  mute(ms: number): void;
  /** How large a response may be now; what is larger by its nature may be so all the same. */
  readonly responseRoom: number;
  /** Starts nothing more, and ends the connection when everything started is answered. */
  finish(): void;
  /** One of its exchanges has its response, of this many bytes. */
  onReplied(bytes: number): void;
}

/** A whole frame. The registry has erased the type of the response, which is that of the API. */
export type EncodeResponse = (response: unknown, header: RequestHeader) => readonly Buffer[];

/**
 * One request on its way to its response. The handler answers once, now or later; the connection sends the answers in
 * the order of the requests (B1).
 */
export class Exchange<Response = unknown> {
  readonly #owner: ExchangeOwner;
  readonly #encode: EncodeResponse;
  readonly header: RequestHeader;
  /** What the request holds of the connection's bound until it is answered. */
  readonly requestBytes: number;
  /** Undefined until answered; empty for a request that gets no response. */
  response: readonly Buffer[] | undefined;
  /** What the client is told that it has to wait (see `throttle`). */
  throttleTimeMs = 0;
  /** Set by a handler that waits for something: called when the client is gone, so that nothing waits on. */
  onAbandoned: (() => void) | undefined;

  constructor(owner: ExchangeOwner, header: RequestHeader, requestBytes: number, encode: EncodeResponse) {
    this.#owner = owner;
    this.#encode = encode;
    this.header = header;
    this.requestBytes = requestBytes;
  }

  get version(): number {
    return this.header.version;
  }

  get clientHost(): string {
    return this.#owner.clientHost;
  }

  get session(): Session {
    return this.#owner.session;
  }

  /** What the client may do; anew after it has authenticated. */
  get access(): Access {
    return this.#owner.session.access;
  }

  /** The way the client came: what it is told of where to connect depends on it. */
  get entrance(): Entrance {
    return this.#owner;
  }

  get responseRoom(): number {
    return this.#owner.responseRoom;
  }

  /** The client is told to wait so long, and made to: its quota is used up (KIP-219). */
  throttle(ms: number): void {
    if (ms <= this.throttleTimeMs) return;
    this.throttleTimeMs = ms;
    this.#owner.mute(ms);
  }

  /** The answer to this is the last one of the connection. */
  finish(): void {
    this.#owner.finish();
  }

  abandon(): void {
    if (this.response === undefined) this.onAbandoned?.();
  }

  reply(response: Response): void {
    assert(this.response === undefined, `expected one response to API ${this.header.apiKey}, found a second`);
    const chunks = this.#owner.isOpen ? this.#encode(response, this.header) : [];
    this.response = chunks;
    let bytes = 0;
    for (const chunk of chunks) bytes += chunk.length;
    this.#owner.onReplied(bytes);
  }

  /** For Produce with acks=0, the one request that has no response. */
  replyNothing(): void {
    assert(this.response === undefined, `expected one response to API ${this.header.apiKey}, found a second`);
    this.response = [];
    this.#owner.onReplied(0);
  }
}
