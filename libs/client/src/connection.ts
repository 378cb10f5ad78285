import type { Socket } from 'node:net';
import {
  type Api,
  FrameSplitter,
  type Request,
  type RequestInput,
  type Response,
  apis,
  correlationIdOf,
  decodeResponse,
  encodeRequest,
  errors,
} from '@millrace/wire';

import { authenticate } from './authentication.ts';
import { ClientError, asClientError } from './client-error.ts';
import type { Environment } from './options.ts';
import { codeOfFailure, openSocket } from './socket.ts';

interface Pending {
  readonly correlationId: number;
  readonly api: Api;
  readonly version: number;
  resolve(body: unknown): void;
  reject(error: ClientError): void;
  readonly cancelTimeout: () => void;
}

/** Correlation ids wrap here; far more requests than can be in flight lie between two uses of one. */
const CORRELATION_ID_END = 2 ** 31;

/** Of its lifetime, how much of a session passes before it is prolonged. */
const SESSION_PART_USED = 0.85;

/**
 * One TCP connection to one broker. Requests are pipelined; answers come in their order.
 *
 * C6. Every request ends: by its answer, by its time-out, or by the end of the connection.
 * C9. While we prove who we are, at first and before a session ends (KIP-368), no other request is sent.
 */
export class Connection {
  readonly address: string;
  readonly #socket: Socket;
  readonly #environment: Environment;
  readonly #splitter: FrameSplitter;
  readonly #pending: Pending[] = [];
  #versions = new Map<number, readonly [min: number, max: number]>();
  #nextCorrelationId = 0;
  #failure: ClientError | undefined;
  #authenticating: Promise<void> | undefined;
  /** By the monotonic clock: before the next request that is sent after it, we prove again who we are. */
  #authenticateAt = Infinity;

  private constructor(socket: Socket, address: string, environment: Environment) {
    this.#socket = socket;
    this.address = address;
    this.#environment = environment;
    this.#splitter = new FrameSplitter(environment.limits.responseBytesMax);
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', (error) =>
      this.#end(
        new ClientError(codeOfFailure(error), `the connection to ${address} failed: ${error.message}`, {
          cause: error,
        }),
      ),
    );
    socket.on('close', () =>
      this.#end(new ClientError('DISCONNECTED', `the connection to ${address} was closed by the broker`)),
    );
  }

  /** Connects and learns which versions the broker speaks. */
  static async open(host: string, port: number, environment: Environment): Promise<Connection> {
    const address = `${host}:${port}`;
    const connection = new Connection(await openSocket(host, port, environment), address, environment);
    try {
      await connection.#negotiate();
      if (environment.sasl !== undefined) await connection.#authenticate();
    } catch (error) {
      connection.close();
      throw error;
    }
    return connection;
  }

  get isOpen(): boolean {
    return this.#failure === undefined;
  }

  get inFlight(): number {
    return this.#pending.length;
  }

  /** The version that both sides have; throws `UNSUPPORTED_VERSION` when there is none. */
  versionOf(api: Api): number {
    const theirs = this.#versions.get(api.key);
    const version = Math.min(api.versions[1], theirs?.[1] ?? -1);
    if (theirs !== undefined && version >= Math.max(api.versions[0], theirs[0])) return version;
    const found = theirs === undefined ? 'none' : theirs.join(' to ');
    throw new ClientError(
      'UNSUPPORTED_VERSION',
      `expected ${this.address} to speak ${api.name} ${api.versions.join(' to ')}, found ${found}`,
    );
  }

  /** @param waitMs what the request itself lets the broker wait, on top of the time-out */
  async request<A extends Api>(api: A, body: RequestInput<A>, waitMs = 0): Promise<Response<A>> {
    if (this.#authenticateAt <= this.#environment.clock.monotonic()) this.#authenticating ??= this.#authenticate();
    if (this.#authenticating !== undefined) await this.#authenticating;
    if (this.#failure !== undefined) throw this.#failure;
    return this.#send(api, this.versionOf(api), body, waitMs);
  }

  close(): void {
    this.#end(new ClientError('CLOSED', `the connection to ${this.address} was closed`));
  }

  /** C9. Whoever fails ends the connection: nothing that is sent on it would be answered. */
  async #authenticate(): Promise<void> {
    const { sasl, clock } = this.#environment;
    if (sasl === undefined) return;
    try {
      const ask = <A extends Api>(api: A, body: RequestInput<A>): Promise<Response<A>> =>
        this.#send(api, this.versionOf(api), body, 0);
      const lifetimeMs = await authenticate({ address: this.address, ask }, sasl, this.#environment);
      this.#authenticateAt = lifetimeMs > 0 ? clock.monotonic() + lifetimeMs * SESSION_PART_USED : Infinity;
    } catch (error) {
      this.#end(asClientError(error));
    } finally {
      this.#authenticating = undefined;
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  #send<A extends Api>(api: A, version: number, body: RequestInput<A>, waitMs: number): Promise<Response<A>> {
    const correlationId = this.#nextCorrelationId;
    this.#nextCorrelationId = (correlationId + 1) % CORRELATION_ID_END;
    const { clientId, clock, limits } = this.#environment;
    const chunks = encodeRequest({ api, version, correlationId, clientId }, body);
    const timeoutMs = limits.requestTimeoutMs + waitMs;
    return new Promise((resolve, reject) => {
      const cancelTimeout = clock.after(timeoutMs, () =>
        this.#end(
          new ClientError('TIMED_OUT', `expected ${this.address} to answer ${api.name} within ${timeoutMs} ms`),
        ),
      );
      this.#pending.push({
        correlationId,
        api,
        version,
        resolve: (answer) => resolve(answer as Response<A>),
        reject,
        cancelTimeout,
      });
      this.#write(chunks);
    });
  }

  #write(chunks: readonly Buffer[]): void {
    if (chunks.length === 1) {
      this.#socket.write(chunks[0] as Buffer);
      return;
    }
    this.#socket.cork();
    for (const chunk of chunks) this.#socket.write(chunk);
    this.#socket.uncork();
  }

  #receive(chunk: Buffer): void {
    if (this.#failure !== undefined) return;
    try {
      for (const frame of this.#splitter.push(chunk)) this.#answer(frame);
    } catch (error) {
      this.#end(asClientError(error));
    }
  }

  #answer(frame: Buffer): void {
    const pending = this.#pending.shift();
    const correlationId = correlationIdOf(frame);
    if (pending === undefined || pending.correlationId !== correlationId) {
      const expected = pending === undefined ? 'no answer' : `the answer to request ${pending.correlationId}`;
      const error = new ClientError(
        'MALFORMED',
        `expected ${expected} from ${this.address}, found one to ${correlationId}`,
      );
      pending?.cancelTimeout();
      pending?.reject(error);
      throw error;
    }
    pending.cancelTimeout();
    try {
      pending.resolve(decodeBody(pending, frame));
    } catch (error) {
      const failure = asClientError(error);
      pending.reject(failure);
      throw failure;
    }
  }

  async #negotiate(): Promise<void> {
    const software: Request<typeof apis.apiVersions> = {
      clientSoftwareName: 'millrace',
      clientSoftwareVersion: '0.1.0',
    };
    let answer = await this.#send(apis.apiVersions, apis.apiVersions.versions[1], software, 0);
    // An older broker answers in version 0 and says so; asking again in version 0 is what KIP-511 prescribes.
    if (answer.errorCode === errors.UNSUPPORTED_VERSION.code)
      answer = await this.#send(apis.apiVersions, 0, software, 0);
    if (answer.errorCode !== 0)
      throw new ClientError(
        'REFUSED',
        `expected ${this.address} to tell its versions, found error ${answer.errorCode}`,
      );
    this.#versions = new Map(answer.apiKeys.map((one) => [one.apiKey, [one.minVersion, one.maxVersion] as const]));
  }

  #end(failure: ClientError): void {
    if (this.#failure !== undefined) return;
    this.#failure = failure;
    this.#socket.destroy();
    for (const pending of this.#pending.splice(0)) {
      pending.cancelTimeout();
      pending.reject(failure);
    }
  }
}

const FRAME_ERROR_CODE_AT = 4;

function decodeBody(pending: Pending, frame: Buffer): unknown {
  const isOldAnswer =
    pending.api.key === apis.apiVersions.key &&
    frame.length >= FRAME_ERROR_CODE_AT + 2 &&
    frame.readInt16BE(FRAME_ERROR_CODE_AT) === errors.UNSUPPORTED_VERSION.code;
  return decodeResponse(pending.api, isOldAnswer ? 0 : pending.version, frame).body;
}
