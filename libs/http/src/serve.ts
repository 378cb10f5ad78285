import { OperationalError, type Clock, messageOf } from '@millrace/std';
import type { FastifyInstance } from 'fastify';

export interface Served {
  readonly url: string;
  readonly port: number;
  /** Stops accepting, lets requests in flight finish, and returns when the last socket is closed (H3). */
  close(): Promise<void>;
}

/** How long requests in flight may take once closing has begun. */
const CLOSE_MS_MAX = 10_000;
const SWEEP_MS = 20;

export async function serve(
  server: FastifyInstance,
  address: { host: string; port: number },
  clock: Clock,
): Promise<Served> {
  try {
    await server.listen({ host: address.host, port: address.port });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EADDRINUSE' || code === 'EACCES' || code === 'EADDRNOTAVAIL') {
      throw new OperationalError(
        'HTTP_ADDRESS_UNUSABLE',
        { httpStatus: 500, retriable: false },
        `expected to listen on ${address.host}:${address.port}, found ${reasons[code]}`,
        { cause: error },
      );
    }
    throw new Error(`expected to listen on ${address.host}:${address.port}: ${messageOf(error)}`, { cause: error });
  }
  const bound = server.server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : address.port;
  return {
    url: `http://${address.host.includes(':') ? `[${address.host}]` : address.host}:${port}`,
    port,
    async close() {
      const cancel = clock.after(CLOSE_MS_MAX, () => server.server.closeAllConnections());
      // Closing ends the connections that are idle then. Those of requests in flight become idle later, and would be kept
      // alive for the next request, which nobody will answer.
      let cancelSweep: () => void;
      const sweep = (): void => {
        server.server.closeIdleConnections();
        cancelSweep = clock.after(SWEEP_MS, sweep);
      };
      cancelSweep = clock.after(SWEEP_MS, sweep);
      try {
        await server.close();
      } finally {
        cancelSweep();
        cancel();
      }
    },
  };
}

const reasons = {
  EADDRINUSE: 'the port in use by another process',
  EACCES: 'that this user may not listen there',
  EADDRNOTAVAIL: 'that this machine has no such address',
} as const;
