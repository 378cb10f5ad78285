import { createServer, type Server, type Socket } from 'node:net';
import { messageOf } from '@millrace/std';
import { Connection, type ConnectionContext } from './connection.ts';
import { BrokerError } from './errors.ts';
import type { ListenerOptions } from './options.ts';
import { addressOfPeer, hostOf, peerOf } from './peer.ts';
import { ANONYMOUS } from './security/security.ts';
import { TlsListener, type TlsOptions } from './security/tls.ts';

const SWEEP_MS = 1_000;

/** The listening sockets and every connection they accepted. */
export class Connections {
  readonly #context: ConnectionContext;
  readonly #servers: Server[] = [];
  readonly #tls: TlsListener[] = [];
  readonly #open = new Set<Connection>();
  /** By peer: sockets on which TLS is not agreed on yet. They count. */
  readonly #agreeing = new Map<string, Socket>();
  readonly #countByAddress = new Map<string, number>();
  #cancelSweep: () => void = () => {};
  #onEmpty: (() => void) | undefined;

  constructor(context: ConnectionContext) {
    this.#context = context;
  }

  get count(): number {
    return this.#open.size;
  }

  /** Listens, and resolves with the port it got. */
  listen(listener: ListenerOptions): Promise<number> {
    const { host, port } = listener;
    // Half-open, so that a client that sends, ends and then reads gets its answers.
    const server = listener.tls === undefined ? this.#inTheClear(listener) : this.#encrypted(listener, listener.tls);
    if (this.#servers.push(server) === 1) this.#scheduleSweep();
    return new Promise((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(host, port, error)));
      server.listen(port, host, () => {
        const address = server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  }

  stopListening(): void {
    this.#cancelSweep();
    for (const server of this.#servers.splice(0)) server.close();
    for (const tls of this.#tls.splice(0)) tls.close();
    for (const socket of this.#agreeing.values()) socket.destroy();
  }

  /** Resolves when every connection has sent what it had begun, or when the time is up: then they are cut off. */
  async finish(timeoutMs: number): Promise<void> {
    const empty = new Promise<void>((resolve) => (this.#onEmpty = resolve));
    for (const connection of this.#open) connection.finish();
    if (this.#open.size === 0) return;
    const cancel = this.#context.clock.after(timeoutMs, () => this.destroy());
    await empty;
    cancel();
  }

  destroy(): void {
    for (const connection of this.#open) connection.destroy();
  }

  #inTheClear(listener: ListenerOptions): Server {
    return createServer({ allowHalfOpen: true }, (socket) => {
      if (this.#admit(socket)) this.#accept(socket, listener, ANONYMOUS);
    });
  }

  #encrypted(listener: ListenerOptions, options: TlsOptions): Server {
    const { limits, clock, logger, security } = this.#context;
    const tls = new TlsListener(options, limits.authenticationTimeoutMs, clock, logger);
    this.#tls.push(tls);
    tls.server.on('connection', (socket) => {
      if (!this.#admit(socket)) return;
      const [peer, address] = [peerOf(socket), addressOfPeer(socket)];
      this.#agreeing.set(peer, socket);
      socket.once('close', () => {
        if (this.#agreeing.delete(peer)) this.#leave(address);
      });
    });
    tls.server.on('secureConnection', (socket) => {
      const peer = { name: peerOf(socket), host: hostOf(socket) };
      const found = tls.principalOf(socket, ANONYMOUS);
      if ('principal' in found && this.#agreeing.delete(peer.name)) {
        this.#accept(socket, listener, found.principal);
        return;
      }
      if ('problem' in found) security.refused(peer, {}, found.problem);
      socket.destroy();
    });
    tls.server.on('tlsClientError', (error, socket) => {
      security.refused({ name: peerOf(socket), host: hostOf(socket) }, {}, `expected TLS, found ${error.message}`);
      socket.destroy();
    });
    return tls.server;
  }

  /** Whether there is room for one more; then it is counted. */
  #admit(socket: Socket): boolean {
    const address = addressOfPeer(socket);
    const ofAddress = this.#countByAddress.get(address) ?? 0;
    const { connectionsMax, connectionsPerAddressMax } = this.#context.limits;
    if (this.#open.size + this.#agreeing.size >= connectionsMax)
      return this.#turnAway(socket, `at most ${connectionsMax}`);
    if (ofAddress >= connectionsPerAddressMax) {
      return this.#turnAway(socket, `at most ${connectionsPerAddressMax} of one address`);
    }
    this.#countByAddress.set(address, ofAddress + 1);
    return true;
  }

  #accept(socket: Socket, listener: ListenerOptions, principal: string): void {
    const address = addressOfPeer(socket);
    const accepted = new Connection(socket, listener, principal, this.#context, (connection) => {
      this.#open.delete(connection);
      this.#leave(address);
      if (this.#open.size === 0) this.#onEmpty?.();
    });
    this.#open.add(accepted);
    const { quotas, clock } = this.#context;
    if (quotas.areNone) return;
    const ms = quotas.connect(accepted.clientHost, clock.monotonic());
    if (ms > 0) accepted.mute(ms);
  }

  #turnAway(socket: Socket, expected: string): false {
    const peer = peerOf(socket);
    this.#context.logger.warn({ peer }, `connection refused: expected ${expected}`);
    socket.destroy();
    return false;
  }

  #leave(address: string): void {
    const left = (this.#countByAddress.get(address) ?? 0) - 1;
    if (left > 0) this.#countByAddress.set(address, left);
    else this.#countByAddress.delete(address);
  }

  /** B5. What a few hold back must not stop all others for good. */
  #makeRoom(now: number): void {
    const { budget, limits } = this.#context;
    if (!budget.isStalled(now, limits.stallTimeoutMs)) return;
    const holders = Array.from(this.#open, (connection) => ({ connection, burden: connection.burden(now) }));
    for (const { connection, burden } of holders.sort((a, b) => b.burden - a.burden)) {
      if (burden === 0 || (budget.used < (budget.bytesMax * 3) / 4 && budget.responseRoom > 0)) return;
      connection.cutOff(now);
    }
  }

  /** One timer for all connections (B4). */
  #scheduleSweep(): void {
    this.#cancelSweep = this.#context.clock.after(SWEEP_MS, () => {
      const now = this.#context.clock.monotonic();
      for (const connection of this.#open) connection.sweep(now);
      this.#makeRoom(now);
      this.#scheduleSweep();
    });
  }
}

function listenError(host: string, port: number, error: NodeJS.ErrnoException): BrokerError {
  const cause = { cause: error };
  if (error.code === 'EADDRINUSE') {
    return new BrokerError('PORT_IN_USE', `expected ${host}:${port} to be free, found another process on it`, cause);
  }
  return new BrokerError('LISTEN_FAILED', `expected to listen on ${host}:${port}, found: ${messageOf(error)}`, cause);
}
