import type { Socket } from 'node:net';
import type { Address } from './exchange.ts';
import { isWildcard } from './nodes.ts';

export function addressOfPeer(socket: Socket): string {
  return socket.remoteAddress ?? 'unknown';
}

/** An IPv4 client of a listener on `::` is named as everybody names it, by rules and in the log. */
export function hostOf(socket: Socket): string {
  return addressOfPeer(socket).replace(/^::ffff:/, '');
}

export function peerOf(socket: Socket): string {
  return `${hostOf(socket)}:${socket.remotePort ?? 0}`;
}

/** What the listener advertises without being told: its host, or where the client reached us if it listens everywhere. */
export function addressOf(socket: Socket, host: string): Address {
  const reached = (socket.localAddress ?? '127.0.0.1').replace(/^::ffff:/, '');
  return { host: isWildcard(host) ? reached : host, port: socket.localPort ?? 0 };
}
