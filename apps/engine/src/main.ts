import { helpText, readSettings, SettingsError } from '@millrace/config';
import { messageOf } from '@millrace/std';
import { start } from './run.ts';
import { settings } from './settings.ts';

/** Exit codes: 0 closed cleanly, 1 failed, 2 wrong settings (as shells and getopt have it). */
function fail(thrown: unknown): never {
  const code = (thrown as { code?: unknown }).code;
  console.error(`millrace engine: ${typeof code === 'string' ? `${code}: ` : ''}${messageOf(thrown)}`);
  process.exit(thrown instanceof SettingsError ? 2 : 1);
}

const args = process.argv.slice(2);
if (args.includes('--help')) {
  console.log(
    `The Millrace engine: partition processors and REST, on a broker that runs elsewhere.\n\n${helpText(settings)}`,
  );
  process.exit(0);
}
let close: (() => Promise<void>) | undefined;
let isClosing = false;
function onSignal(signal: NodeJS.Signals): void {
  // The second signal is someone who does not want to wait. Before the start is over there is nothing to lose.
  if (isClosing || close === undefined) process.exit(signal === 'SIGINT' ? 130 : 143);
  isClosing = true;
  close().then(() => process.exit(0), fail);
}
process.on('SIGTERM', onSignal);
process.on('SIGINT', onSignal);

try {
  close = await start(readSettings(settings, args, process.env), fail);
} catch (error) {
  fail(error);
}
