import { type logCreator, logLevel } from 'kafkajs';

/** Where the SDK says what happens. pino and `console` fit. */
export interface Log {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** Trouble goes to stderr, all else nowhere: a library should not chat. */
export const stderrLog: Log = {
  info: () => undefined,
  warn: (message) => console.warn(message),
  error: (message) => console.error(message),
};

/** kafkajs calls a rebalance and every reconnect an error; it goes on by itself, so for us these are warnings. */
export function kafkaLog(log: Log): logCreator {
  return () =>
    ({ level, namespace, log: { message, error } }) => {
      if (level > logLevel.WARN || message.startsWith(LIMITED_RETRIES)) return;
      log.warn(`kafka ${namespace}: ${message}${typeof error === 'string' ? `: ${error}` : ''}`);
    };
}

/** Said of every idempotent producer that does not try for ever. Ours starts anew then: a reply may come twice, and counts once. */
const LIMITED_RETRIES = 'Limiting retries for the idempotent producer';
