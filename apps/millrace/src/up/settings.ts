import { securitySettings } from '@millrace/app-broker';
import { type Settings, type SettingsTable, address, flag, kafkaAccessSettings } from '@millrace/config';
import { z } from 'zod';

const brokers = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((broker) => broker.trim())
      .filter((broker) => broker !== ''),
  )
  .pipe(z.array(z.string().regex(/^.+:\d{1,5}$/, 'expected host:port, several separated by commas')).min(1))
  .optional();

/** What `millrace up` can be told. */
export const upSettings = {
  http: {
    schema: address.prefault('127.0.0.1:8080'),
    flag: 'http',
    variable: 'MILLRACE_HTTP',
    help: 'where REST and notifications listen',
  },
  kafka: {
    schema: address.prefault('127.0.0.1:9092'),
    flag: 'kafka',
    variable: 'MILLRACE_KAFKA',
    help: 'where the built-in broker listens',
  },
  data: {
    schema: z.string().min(1, 'expected a directory, found nothing').default('./data'),
    flag: 'data',
    variable: 'MILLRACE_DATA',
    help: 'directory of the log and all that is derived from it',
  },
  fsync: {
    schema: z.enum(['always', 'never']).default('always'),
    flag: 'fsync',
    variable: 'MILLRACE_FSYNC',
    help: 'always: an acknowledged record survives power loss; never: it survives a crash of the process',
  },
  namespace: {
    schema: z
      .string()
      .regex(/^[A-Za-z0-9._-]*$/, 'expected letters, digits, dots, dashes and underscores')
      .default('millrace.'),
    flag: 'namespace',
    variable: 'MILLRACE_NAMESPACE',
    help: 'what every topic name begins with',
  },
  partitions: {
    schema: z.coerce.number().int().min(1).max(1_000).default(8),
    flag: 'partitions',
    variable: 'MILLRACE_PARTITIONS',
    help: 'partitions of the core topics, when they are created',
  },
  brokers: { schema: brokers, variable: 'KAFKA_BROKERS', help: 'use this Apache Kafka instead of the built-in broker' },
  ...kafkaAccessSettings,
  ...securitySettings,
  demo: {
    schema: flag.default(true),
    flag: 'demo',
    variable: 'MILLRACE_DEMO',
    help: 'deploy the demo process and run its plugins',
  },
  logLevel: {
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
    flag: 'log-level',
    variable: 'MILLRACE_LOG_LEVEL',
    help: 'how much is logged',
  },
} as const satisfies SettingsTable;

export type UpSettings = Settings<typeof upSettings>;
