// The broker in a worker thread. Waits for `start`, says `ready` or `error` once, and `closed` after it was told to close.
import { parentPort } from 'node:worker_threads';
import type { Broker } from '@millrace/broker';
import { assert, messageOf } from '@millrace/std';
import { releaseMemoryAfterStart } from './release-memory.ts';
import { brokerOf } from './run-broker.ts';
import type { InternalUser } from './security.ts';
import type { BrokerSettings } from './settings.ts';
import type { BrokerWorker } from './start-worker.ts';

export type ToWorker =
  | { readonly kind: 'start'; readonly settings: BrokerSettings; readonly internal: InternalUser | undefined }
  | { readonly kind: 'close' };

export type FromWorker =
  | { readonly kind: 'ready'; readonly where: Pick<BrokerWorker, 'host' | 'port' | 'internal'> }
  | { readonly kind: 'closed' }
  | { readonly kind: 'error'; readonly code?: string; readonly retriable?: boolean; readonly message: string };

assert(parentPort !== null, 'expected to run in a worker thread, found the main thread');
const parent = parentPort;
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
const say = (message: FromWorker): void => parent.postMessage(message);

function fail(thrown: unknown): void {
  const { code, retriable } = thrown as { code?: string; retriable?: boolean };
  say({
    kind: 'error',
    message: messageOf(thrown),
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof retriable === 'boolean' ? { retriable } : {}),
  });
  // The data directory is let go with the thread; a closed port ends it.
  parent.close();
  setImmediate(() => process.exit(1));
}

let broker: Broker | undefined;
let requestsSeen = 0;

/** Whether there was no request since this was last asked. */
function wasIdle(): boolean {
  const requests = broker?.stats().requests ?? 0;
  const isIdle = requests === requestsSeen;
  requestsSeen = requests;
  return isIdle;
}

async function start(settings: BrokerSettings, internal: InternalUser | undefined): Promise<void> {
  broker = brokerOf(settings, fail, internal);
  const addresses = await broker.start();
  const [address, last] = [addresses[0], addresses.at(-1)];
  assert(address !== undefined, 'expected the broker to have one listener');
  const where = internal === undefined || last === undefined ? address : { ...address, internal: last };
  say({ kind: 'ready', where });
  releaseMemoryAfterStart(wasIdle);
}

async function close(): Promise<void> {
  await broker?.close();
  say({ kind: 'closed' });
  parent.close();
}

parent.on('message', (message: ToWorker) => {
  const done = message.kind === 'start' ? start(message.settings, message.internal) : close();
  done.catch(fail);
});
