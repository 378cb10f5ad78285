import { helpText, readSettings, SettingsError } from '@millrace/config';
import { checkSecurity } from './check-security.ts';
import { type BrokerSettings, brokerSettings } from './settings.ts';

/** Exit codes: 0 closed cleanly, 1 failed, 2 wrong settings (as shells and getopt have it). */
export function settingsOrExit(args: readonly string[]): BrokerSettings {
  if (args.includes('--help')) {
    console.log(`The Millrace broker: Kafka's protocol on one data directory.\n\n${helpText(brokerSettings)}`);
    return process.exit(0);
  }
  try {
    const settings = readSettings(brokerSettings, args, process.env);
    // What is wrong among the settings is told here, as what is wrong with one of them.
    checkSecurity(settings);
    return settings;
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    for (const problem of error.problems) console.error(`millrace broker: ${problem}`);
    return process.exit(2);
  }
}
