import { address, kafkaAccessSettings, type Settings, type SettingsTable } from '@millrace/config';
import { z } from 'zod';

export const settings = {
  brokers: {
    schema: z
      .string({ error: 'expected the brokers to connect to, such as 127.0.0.1:9092' })
      .regex(/^[^,\s]+:\d{1,5}(,[^,\s]+:\d{1,5})*$/, 'expected host:port, several separated by commas')
      .transform((text) => text.split(',')),
    flag: 'brokers',
    variable: 'KAFKA_BROKERS',
    help: 'where the log is: host:port, several separated by commas',
  },
  http: {
    schema: address.prefault('127.0.0.1:8081'),
    flag: 'http',
    variable: 'MILLRACE_HTTP',
    help: 'where it listens',
  },
  data: {
    schema: z.string().min(1, 'expected a directory, found nothing').default('./data'),
    flag: 'data',
    variable: 'MILLRACE_DATA',
    help: 'directory of what is derived from the log; can be lost',
  },
  namespace: {
    schema: z.string().default('millrace.'),
    flag: 'namespace',
    variable: 'MILLRACE_NAMESPACE',
    help: 'what every topic name begins with',
  },
  ...kafkaAccessSettings,
  logLevel: {
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
    flag: 'log-level',
    variable: 'MILLRACE_LOG_LEVEL',
    help: 'how much is logged',
  },
} as const satisfies SettingsTable;

export type GatewaySettings = Settings<typeof settings>;
