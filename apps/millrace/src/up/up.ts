import { checkSecurity, releaseMemoryAfterStart } from '@millrace/app-broker';
import { SettingsError, helpText, kafkaAccessOf, readSettings } from '@millrace/config';
import { messageOf } from '@millrace/std';
import { type Logger, pino } from 'pino';

import { EXIT_USAGE } from '../cli/failure.ts';
import { banner } from './banner.ts';
import { busOf } from './bus.ts';
import { Closing } from './closing.ts';
import type { RunningDemo } from './demo.ts';
import { type UpSettings, upSettings } from './settings.ts';

/** `millrace up`: everything in one process, until a signal ends it. */
export async function up(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<void> {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(`Usage: millrace up [settings]\n\n${helpText(upSettings)}`);
    return;
  }
  const settings = settingsOrExit(args, environment);
  const logger = pino({ name: 'millrace', level: settings.logLevel }, pino.destination({ dest: 1, sync: true }));
  const closing = new Closing(logger);
  const end = (exitCode: number): void => {
    void closing.run().then((isClean) => process.exit(isClean ? exitCode : 1));
  };
  endOnSignals(logger, end);
  try {
    await start(settings, logger, closing, end);
  } catch (error) {
    // What was being started finds the rest of it closed: that is no failure.
    if (closing.hasBegun) return logger.debug({ err: error }, 'stopped while starting');
    const code = (error as { code?: unknown }).code;
    logger.fatal(typeof code === 'string' ? { code } : {}, `could not start: ${messageOf(error)}`);
    if (typeof code !== 'string' && error instanceof Error) logger.debug({ err: error }, 'where it happened');
    end(1);
  }
}

async function start(
  settings: UpSettings,
  logger: Logger,
  closing: Closing,
  end: (exitCode: number) => void,
): Promise<void> {
  // Loading the engine takes as long as starting the broker: both at once.
  const loading = import('./engine-side.ts');
  const { bus, listensAt } = await busOf(settings, logger, closing, end);
  const { startEngineSide } = await loading;
  const url = await startEngineSide({ settings, bus, logger, closing });

  const readyMs = performance.now();
  logger.info({ url, brokers: listensAt, readyMs: Math.round(readyMs) }, 'ready');
  let demo: RunningDemo | undefined;
  if (settings.demo) {
    const { startDemoOf } = await import('./demo.ts');
    demo = await startDemoOf({ url, bus, namespace: settings.namespace, logger });
    closing.add('demo', () => demo?.stop());
  }
  releaseMemoryAfterStart();
  if (process.stdout.isTTY) {
    process.stdout.write(
      banner({ url, kafka: listensAt.join(','), data: settings.data, readyMs, demo: demo?.process }),
    );
  }
}

function settingsOrExit(args: readonly string[], environment: NodeJS.ProcessEnv): UpSettings {
  try {
    const settings = readSettings(upSettings, args, environment);
    // What is wrong among the settings is told here, as what is wrong with one of them.
    checkSecurity(settings);
    kafkaAccessOf(settings);
    return settings;
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    for (const problem of error.problems) console.error(`millrace up: ${problem}`);
    return process.exit(EXIT_USAGE);
  }
}

function endOnSignals(logger: Logger, end: (exitCode: number) => void): void {
  let isEnding = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // The second signal is someone who does not want to wait: recovery at the next start handles what this leaves.
      if (isEnding) process.exit(signal === 'SIGINT' ? 130 : 143);
      isEnding = true;
      logger.info({ signal }, 'closing');
      end(0);
    });
  }
}
