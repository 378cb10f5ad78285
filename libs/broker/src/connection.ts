import type { Socket } from 'node:net';
import type { Clock } from '@millrace/std';
import { FrameSplitter, WireError } from '@millrace/wire';
import type { ByteBudget } from './byte-budget.ts';
import { Unauthenticated } from './errors.ts';
import type { Deadline, Deadlines } from './deadlines.ts';
import type { Address, Exchange, ExchangeOwner } from './exchange.ts';
import type { BrokerLimits, BrokerLogger, ListenerOptions } from './options.ts';
import { addressOf, hostOf, peerOf } from './peer.ts';
import type { Quotas } from './quotas/quotas.ts';
import type { Security } from './security/security.ts';
import { Session } from './security/session.ts';

/** Turns a frame into an exchange and has it worked on. Throws `WireError` on bytes that are no request. */
export type Dispatch = (frame: Buffer, owner: ExchangeOwner) => Exchange;

/** How long a closing broker waits for a peer that has all its answers to end its side, too. */
const LINGER_MS = 200;

export interface ConnectionContext {
  readonly limits: BrokerLimits;
  readonly budget: ByteBudget;
  readonly clock: Clock;
  readonly logger: BrokerLogger;
  readonly security: Security;
  readonly deadlines: Deadlines;
  readonly quotas: Quotas;
  readonly dispatch: Dispatch;
  /** An invariant failed while working on a request. */
  readonly onFailure: (error: unknown) => void;
}

/** Pieces of this size on average cost less to copy than what Node and the kernel do for each piece of a write. */
const JOINED_PIECE_BYTES_MAX = 1024;

/**
 * A client's socket: frames in, responses out in the order of the requests (B1), both bounded (B5). What it holds is
 * counted, and reading stops while any figure is at its bound: received and not answered (`#received`), answered and
 * not taken by the peer (`#ready`, `#unsent`), and all of it over all connections.
 */
export class Connection implements ExchangeOwner {
  readonly peer: string;
  readonly clientHost: string;
  readonly listener: ListenerOptions;
  readonly advertised: Address;
  readonly session: Session;
  isOpen = true;
  readonly #socket: Socket;
  readonly #context: ConnectionContext;
  readonly #onClosed: (connection: Connection) => void;
  readonly #frames: FrameSplitter;
  /** Whole frames that wait for a bound. */
  #queued: Buffer[] = [];
  /** In the order of arrival; the first is the next to be sent. */
  readonly #exchanges: Exchange[] = [];
  #received = 0;
  /** Answered, and held back by an earlier request that is not. */
  #ready = 0;
  /** Written to the socket, and not taken by the peer. */
  #unsent = 0;
  /** Of `#received`, bytes that do not make a whole frame yet, and since when. */
  #unfinished = 0;
  #unfinishedSince = 0;
  #lastActive: number;
  /** When the last answers left, or with none to give the next request came. */
  #heldSince = 0;
  /** The peer sends no more: what has arrived is worked on, then we leave. */
  #hasEnded = false;
  /** The broker closes: nothing more is started. */
  #isFinishing = false;
  #isSendScheduled = false;
  #cancelLinger: (() => void) | undefined;
  /** Until then nothing is started (see `mute`). */
  #muted: Deadline | undefined;

  constructor(
    socket: Socket,
    listener: ListenerOptions,
    principal: string,
    context: ConnectionContext,
    onClosed: (connection: Connection) => void,
  ) {
    this.#socket = socket;
    this.listener = listener;
    this.advertised = listener.advertised ?? addressOf(socket, listener.host);
    this.#context = context;
    this.#onClosed = onClosed;
    this.clientHost = hostOf(socket);
    this.peer = peerOf(socket);
    const peer = { host: this.clientHost, name: this.peer };
    this.session = new Session(context.security, peer, listener.sasl?.mechanisms ?? null, principal);
    this.#frames = new FrameSplitter(this.session.frameBytesMax);
    this.#lastActive = context.clock.monotonic();
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('end', () => {
      this.#hasEnded = true;
      this.#endWhenDone();
    });
    // A reset by the peer is its way to leave; 'close' follows.
    socket.on('error', (error) => context.logger.debug({ peer: this.peer, error: error.message }, 'connection failed'));
    socket.on('close', () => this.#release());
  }

  onReplied(bytes: number): void {
    if (!this.isOpen) return;
    this.#ready += bytes;
    this.#context.budget.change({ responses: bytes });
    if (this.#isSendScheduled) return;
    this.#isSendScheduled = true;
    // Answers that become ready together (a sync round, a pipelined read) leave in one system call.
    process.nextTick(() => {
      this.#isSendScheduled = false;
      this.#send();
      this.#work();
    });
  }

  get responseRoom(): number {
    const own = this.#context.limits.unsentBytesMax - this.#ready - this.#unsent;
    return Math.max(0, Math.min(own, this.#context.budget.responseRoom));
  }

  /** Bytes × ms of what it holds and does not let go of: requests that wait for something, answers behind them or not taken. */
  burden(now: number): number {
    const isHolding = this.#exchanges.length > 0 || this.#unsent > 0;
    return isHolding ? (this.#received + this.#ready + this.#unsent) * (now - this.#heldSince) : 0;
  }

  /** Others need what it holds. */
  cutOff(now: number): void {
    const bytes = this.#received + this.#ready + this.#unsent;
    this.#refuse(`expected room for others, found ${bytes} bytes held for ${Math.round(now - this.#heldSince)} ms`);
  }

  /** Once more while it lasts: until the later end. */
  mute(ms: number): void {
    const { deadlines } = this.#context;
    const at = deadlines.now() + ms;
    if (!this.isOpen || (this.#muted !== undefined && this.#muted.at >= at)) return;
    if (this.#muted !== undefined) deadlines.cancel(this.#muted);
    this.#muted = deadlines.add(at, () => {
      this.#muted = undefined;
      // What is left of a frame could not come meanwhile.
      this.#unfinishedSince = this.#context.clock.monotonic();
      this.#work();
    });
  }

  onRoom(): void {
    // Not at once: room may appear in the middle of the work of another connection.
    process.nextTick(() => this.#work());
  }

  /** Starts nothing more; ends the connection when everything started is answered and taken. */
  finish(): void {
    this.#isFinishing = true;
    this.#socket.pause();
    this.#endWhenDone();
  }

  destroy(): void {
    this.#socket.destroy();
    this.#release();
  }

  /** Ends a connection that stalls: in the middle of a frame, with responses it does not read, or doing nothing. */
  sweep(now: number): void {
    const { frameTimeoutMs, unsentTimeoutMs, idleTimeoutMs } = this.#context.limits;
    const idleMs = now - this.#lastActive;
    const overdue = this.session.overdue(now);
    if (overdue !== null) {
      this.#refuse(overdue);
    } else if (this.#unfinished > 0 && this.#muted === undefined && now - this.#unfinishedSince > frameTimeoutMs) {
      this.#refuse(`expected the rest of a frame within ${frameTimeoutMs} ms, found ${this.#unfinished} bytes of it`);
    } else if (this.#unsent > 0 && idleMs > unsentTimeoutMs) {
      this.#refuse(`expected responses to be read within ${unsentTimeoutMs} ms, found ${this.#unsent} bytes unread`);
    } else if (this.#exchanges.length === 0 && idleMs > idleTimeoutMs) {
      this.#context.logger.debug({ peer: this.peer }, 'idle connection closed');
      this.destroy();
    }
  }

  #onData(chunk: Buffer): void {
    if (this.#isFinishing) return;
    this.#lastActive = this.#context.clock.monotonic();
    if (this.#exchanges.length === 0 && this.#unsent === 0) this.#heldSince = this.#lastActive;
    this.#received += chunk.length;
    this.#context.budget.change({ requests: chunk.length });
    try {
      this.#frames.frameBytesMax = this.session.frameBytesMax;
      const frames = this.#frames.push(chunk);
      this.#queued = this.#queued.length === 0 ? frames : [...this.#queued, ...frames];
      this.#countUnfinished(this.#frames.pendingBytes, frames.length > 0);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#work();
  }

  /** Starts every request that the bounds allow, then reads on, or stops reading until there is room. */
  #work(): void {
    if (!this.isOpen || this.#isFinishing) {
      this.#endWhenDone();
      return;
    }
    this.#startQueued();
    if (!this.isOpen) return;
    const { limits, budget } = this.#context;
    if (this.#hasEnded) {
      this.#endWhenDone();
    } else if (!this.#mayHold()) {
      this.#socket.pause();
      budget.waitToStart(this);
    } else if (!this.#mayStart() || this.#received - this.#unfinished >= limits.connectionBytesMax) {
      this.#socket.pause();
    } else if (!budget.mayRead(this)) {
      this.#socket.pause();
      budget.wait(this, this.#context.clock.monotonic());
    } else if (this.#socket.isPaused()) {
      this.#socket.resume();
    }
  }

  #startQueued(): void {
    let started = 0;
    try {
      while (started < this.#queued.length && this.isOpen && this.#mayStart()) {
        this.#exchanges.push(this.#context.dispatch(this.#queued[started++] as Buffer, this));
      }
    } catch (error) {
      this.#fail(error);
    }
    this.#queued = started === this.#queued.length ? [] : this.#queued.slice(started);
  }

  #mayStart(): boolean {
    const { connectionRequestsMax, unsentBytesMax } = this.#context.limits;
    if (this.session.isBusy || this.#muted !== undefined) return false;
    const isWithinBounds =
      this.#exchanges.length < connectionRequestsMax && this.#ready + this.#unsent < unsentBytesMax;
    return isWithinBounds && this.#mayHold();
  }

  /** Whether all connections together leave room for one more response of this one. */
  #mayHold(): boolean {
    return this.#context.budget.mayStart(this.#ready + this.#unsent > 0);
  }

  #countUnfinished(bytes: number, hasEndedFrame: boolean): void {
    if (hasEndedFrame) this.#context.budget.endFrame(this);
    if (hasEndedFrame || this.#unfinished === 0) this.#unfinishedSince = this.#context.clock.monotonic();
    const change = bytes - this.#unfinished;
    this.#unfinished = bytes;
    this.#context.budget.change({ unfinished: change });
  }

  /** Sends the answers that nothing earlier holds back. */
  #send(): void {
    if (!this.isOpen) return;
    const exchanges = this.#exchanges;
    let answered = 0;
    let requestBytes = 0;
    let bytes = 0;
    const chunks: Buffer[] = [];
    for (; answered < exchanges.length; answered++) {
      const exchange = exchanges[answered] as Exchange;
      if (exchange.response === undefined) break;
      requestBytes += exchange.requestBytes;
      for (const chunk of exchange.response) {
        chunks.push(chunk);
        bytes += chunk.length;
      }
    }
    exchanges.splice(0, answered);
    this.#received -= requestBytes;
    this.#ready -= bytes;
    this.#unsent += bytes;
    if (bytes > 0) this.#write(chunks, bytes);
    this.#context.budget.change({ requests: -requestBytes });
  }

  /** In one system call. A failed write ends in 'close', which gives back all that the connection holds. */
  #write(chunks: readonly Buffer[], bytes: number): void {
    const onTaken = (): void => this.#onTaken(bytes);
    if (bytes <= chunks.length * JOINED_PIECE_BYTES_MAX) {
      this.#socket.write(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, bytes), onTaken);
      return;
    }
    const last = chunks.length - 1;
    this.#socket.cork();
    for (let index = 0; index < last; index++) this.#socket.write(chunks[index] as Buffer);
    this.#socket.write(chunks[last] as Buffer, onTaken);
    this.#socket.uncork();
  }

  #onTaken(bytes: number): void {
    if (!this.isOpen) return;
    this.#lastActive = this.#context.clock.monotonic();
    this.#heldSince = this.#lastActive;
    this.#unsent -= bytes;
    this.#context.budget.change({ responses: -bytes });
    this.#work();
  }

  #endWhenDone(): void {
    const isLeaving = this.#isFinishing || this.#hasEnded;
    if (!isLeaving || !this.isOpen || this.#exchanges.length > 0 || this.#unsent > 0) return;
    this.#socket.end();
    // Closing with bytes unread would reset the connection, and take answers back that the peer has not read yet.
    this.#socket.resume();
    // A client that neither writes nor reads does not notice that we have ended, and would keep a closing broker waiting.
    if (this.#isFinishing) this.#cancelLinger ??= this.#context.clock.after(LINGER_MS, () => this.destroy());
  }

  #fail(error: unknown): void {
    if (error instanceof WireError || error instanceof Unauthenticated) this.#refuse(error.message);
    else this.#context.onFailure(error);
  }

  /** B6: one line that says who and what; nothing else notices. */
  #refuse(found: string): void {
    this.#context.logger.warn({ peer: this.peer }, `connection closed: ${found}`);
    this.destroy();
  }

  #release(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#cancelLinger?.();
    if (this.#muted !== undefined) this.#context.deadlines.cancel(this.#muted);
    this.#context.budget.leave(this);
    this.#context.budget.change({
      requests: -this.#received,
      unfinished: -this.#unfinished,
      responses: -this.#ready - this.#unsent,
    });
    for (const exchange of this.#exchanges.splice(0)) exchange.abandon();
    this.#queued = [];
    this.#onClosed(this);
  }
}
