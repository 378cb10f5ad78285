import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { BrokerSettings } from './settings.ts';
import type { FromWorker, ToWorker } from './worker.ts';

/** A broker that runs in a worker thread of this process. */
export interface BrokerWorker {
  /** Where it listens; the port is the real one where 0 was asked for. */
  readonly host: string;
  readonly port: number;
  /** Resolves when the broker has closed cleanly. */
  close(): Promise<void>;
  /** Resolves after `close()`; rejects when the broker fails while it should run. */
  readonly ended: Promise<void>;
}

/**
 * Starts the broker in a thread of its own, so that a busy event loop here does not add to its latency.
 * Rejects with the broker's own error (its `code` kept) when it cannot start.
 */
export async function startBrokerWorker(settings: BrokerSettings): Promise<BrokerWorker> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: settings, name: 'broker' });
  const ended = Promise.withResolvers<void>();
  // Whoever does not watch `ended` still learns of a failure by its connections; no unhandled rejection on top.
  ended.promise.catch(() => {});
  const ready = Promise.withResolvers<{ host: string; port: number }>();

  const fail = (error: Error): void => {
    ready.reject(error);
    ended.reject(error);
  };
  worker.on('message', (message: FromWorker) => {
    if (message.kind === 'ready') ready.resolve(message);
    else if (message.kind === 'closed') ended.resolve();
    else fail(Object.assign(new Error(message.message), { code: message.code, retriable: message.retriable }));
  });
  worker.on('error', (error) => fail(error instanceof Error ? error : new Error(String(error))));
  worker.on('exit', (code) => fail(new Error(`expected the broker thread to run, found it ended with code ${code}`)));

  const { host, port } = await ready.promise;
  return {
    host,
    port,
    ended: ended.promise,
    async close() {
      const exited = once(worker, 'exit');
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      worker.postMessage({ kind: 'close' } satisfies ToWorker);
      await ended.promise;
      await exited;
    },
  };
}
