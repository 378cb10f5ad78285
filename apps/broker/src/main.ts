import { messageOf } from '@millrace/std';
import { releaseMemoryAfterStart } from './release-memory.ts';
import { launchBrokerThread, startBrokerWorker } from './start-worker.ts';

// First of all: it loads the broker while this thread loads what reading the settings takes.
const thread = launchBrokerThread();
const { settingsOrExit } = await import('./settings-or-exit.ts');

function fail(thrown: unknown): never {
  const code = (thrown as { code?: unknown }).code;
  console.error(`millrace broker: ${typeof code === 'string' ? `${code}: ` : ''}${messageOf(thrown)}`);
  process.exit(1);
}

let isClosing = false;
let close = (): Promise<void> => Promise.resolve();

function onSignal(signal: NodeJS.Signals): void {
  // The second signal is someone who does not want to wait: recovery at the next start handles what this leaves.
  if (isClosing) process.exit(signal === 'SIGINT' ? 130 : 143);
  isClosing = true;
  close().then(() => process.exit(0), fail);
}
process.on('SIGTERM', onSignal);
process.on('SIGINT', onSignal);

// The same thread as when another process embeds the broker: one way to run it, and a heap of its own.
const starting = startBrokerWorker(settingsOrExit(process.argv.slice(2)), undefined, thread);
close = async () => (await starting).close();
try {
  const broker = await starting;
  releaseMemoryAfterStart();
  await broker.ended;
} catch (error) {
  fail(error);
}
