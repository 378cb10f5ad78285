import { helpText, readSettings, SettingsError } from '@millrace/config';
import { messageOf } from '@millrace/std';
import { releaseMemoryAfterStart } from './release-memory.ts';
import { securityOf } from './security.ts';
import { type BrokerSettings, brokerSettings } from './settings.ts';
import { startBrokerWorker } from './start-worker.ts';

/** Exit codes: 0 closed cleanly, 1 failed, 2 wrong settings (as shells and getopt have it). */
function settingsOrExit(args: readonly string[]): BrokerSettings {
  if (args.includes('--help')) {
    console.log(`The Millrace broker: Kafka's protocol on one data directory.\n\n${helpText(brokerSettings)}`);
    return process.exit(0);
  }
  try {
    const settings = readSettings(brokerSettings, args, process.env);
    // What is wrong among the settings is told here, as what is wrong with one of them.
    securityOf(settings);
    return settings;
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    for (const problem of error.problems) console.error(`millrace broker: ${problem}`);
    return process.exit(2);
  }
}

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
const starting = startBrokerWorker(settingsOrExit(process.argv.slice(2)));
close = async () => (await starting).close();
try {
  const broker = await starting;
  releaseMemoryAfterStart();
  await broker.ended;
} catch (error) {
  fail(error);
}
