import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { InternalUser } from './security.ts';
import type { BrokerSettings } from './settings.ts';
import type { FromWorker, ToWorker } from './worker.ts';

/** A broker that runs in a worker thread of this process. */
export interface BrokerWorker {
  /** Where it listens; the port is the real one where 0 was asked for. */
  readonly host: string;
  readonly port: number;
  /** Where the internal user connects, if there is one. */
  readonly internal?: { readonly host: string; readonly port: number };
  /** Resolves when the broker has closed cleanly. */
  close(): Promise<void>;
  /** Resolves after `close()`; rejects when the broker fails while it should run. */
  readonly ended: Promise<void>;
}

/**
 * What passes through the broker lies outside of V8's heap, but counts as garbage of it: with the default, which grows with
 * the few MB that live inside, V8 collects all of it after every 7 MB of traffic and spends 40 % of the thread on that.
 * From here it begins at this size, and collects about every 40 MB.
 */
const HEAP_MB_INITIAL = 128;

/** A thread that loads the broker and then waits for its settings: who has those to read yet saves that time. */
export function launchBrokerThread(): Worker {
  // Node offers no such limit for a worker; the flag counts when the thread makes its heap, and is taken back after that.
  setFlagsFromString(`--initial-old-space-size=${HEAP_MB_INITIAL}`);
  const worker = new Worker(new URL('../bin/worker.js', import.meta.url), { name: 'broker' });
  worker.once('online', () => setFlagsFromString('--initial-old-space-size=0'));
  return worker;
}

/**
 * Starts the broker in a thread of its own, so that a busy event loop here does not add to its latency.
 * Rejects with the broker's own error (its `code` kept) when it cannot start.
 */
export async function startBrokerWorker(
  settings: BrokerSettings,
  internal?: InternalUser,
  worker: Worker = launchBrokerThread(),
): Promise<BrokerWorker> {
  const ended = Promise.withResolvers<void>();
  // Whoever does not watch `ended` still learns of a failure by its connections; no unhandled rejection on top.
  ended.promise.catch(() => {});
  const ready = Promise.withResolvers<Pick<BrokerWorker, 'host' | 'port' | 'internal'>>();

  const fail = (error: Error): void => {
    ready.reject(error);
    ended.reject(error);
  };
  worker.on('message', (message: FromWorker) => {
    if (message.kind === 'ready') ready.resolve(message.where);
    else if (message.kind === 'closed') ended.resolve();
    else fail(Object.assign(new Error(message.message), { code: message.code, retriable: message.retriable }));
  });
  worker.on('error', (error) => fail(error instanceof Error ? error : new Error(String(error))));
  worker.on('exit', (code) => fail(new Error(`expected the broker thread to run, found it ended with code ${code}`)));

  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  worker.postMessage({ kind: 'start', settings, internal } satisfies ToWorker);
  return {
    ...(await ready.promise),
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
