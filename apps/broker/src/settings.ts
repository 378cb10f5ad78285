import { address, flag, type Settings, type SettingsTable } from '@millrace/config';
import { z } from 'zod';
import { securitySettings } from './security-settings.ts';

const patterns = z.string().transform((text) =>
  text
    .split(',')
    .map((pattern) => pattern.trim())
    .filter((pattern) => pattern !== ''),
);

const limits = z.string().transform((text, context) =>
  Object.fromEntries(
    text.split(',').map((pair) => {
      const [, name = '', value] = /^\s*(\w+)=(\d+)\s*$/.exec(pair) ?? [];
      if (name === '') context.addIssue({ code: 'custom', message: `expected name=number, found "${pair}"` });
      return [name, Number(value)];
    }),
  ),
);

const interval = z.coerce.number({ error: 'expected a number' }).int().min(1);

/** What the broker runs with. The checked settings are plain data, so that they can go to a worker thread. */
export const brokerSettings = {
  kafka: {
    schema: address.prefault('127.0.0.1:9092'),
    flag: 'kafka',
    variable: 'MILLRACE_KAFKA',
    help: 'where to listen for Kafka clients',
  },
  advertise: {
    schema: address.optional(),
    flag: 'advertise',
    variable: 'MILLRACE_ADVERTISE',
    help: 'where clients are told to connect, if elsewhere',
  },
  nodes: {
    schema: z.coerce.number({ error: 'expected a number' }).int().min(1).max(32).default(1),
    flag: 'nodes',
    variable: 'MILLRACE_NODES',
    help: 'node ids to present, on the port of --kafka and those behind it: a facade for tests of clients',
  },
  nodeId: {
    schema: z.coerce.number({ error: 'expected a number' }).int().min(0).max(1_000).default(1),
    flag: 'node-id',
    variable: 'MILLRACE_NODE_ID',
    help: 'node id of --kafka, or the first of several',
  },
  rebalanceDelay: {
    schema: z.coerce.number({ error: 'expected milliseconds' }).int().min(0).max(60_000).default(0),
    flag: 'rebalance-delay',
    variable: 'MILLRACE_REBALANCE_DELAY',
    help: 'ms that the first rebalance of an empty group waits for more members',
  },
  data: {
    schema: z.string().min(1, 'expected a directory, found nothing').default('./data'),
    flag: 'data',
    variable: 'MILLRACE_DATA',
    help: 'data directory',
  },
  fsync: {
    schema: z.enum(['always', 'never'], { error: 'expected always or never' }).default('always'),
    flag: 'fsync',
    variable: 'MILLRACE_FSYNC',
    help: 'whether acks=all waits for the device, or leaves writing to the page cache',
  },
  autoCreate: {
    schema: flag.default(true),
    flag: 'auto-create',
    variable: 'MILLRACE_AUTO_CREATE',
    help: 'whether asking for a topic creates it',
  },
  partitions: {
    schema: z.coerce.number({ error: 'expected a number' }).int().min(1).max(1000).default(1),
    flag: 'partitions',
    variable: 'MILLRACE_PARTITIONS',
    help: 'partitions of a topic whose creator did not say',
  },
  namespace: {
    schema: z.string().default('millrace.'),
    flag: 'namespace',
    variable: 'MILLRACE_NAMESPACE',
    help: 'start of every topic name of the bus',
  },
  readCommitted: {
    schema: patterns.optional(),
    flag: 'read-committed',
    variable: 'MILLRACE_READ_COMMITTED',
    help: 'topics that every consumer reads as read_committed, by default plugin.* of the namespace',
  },
  retentionCheck: {
    schema: interval.default(30_000),
    flag: 'retention-check',
    variable: 'MILLRACE_RETENTION_CHECK_MS',
    help: 'ms between two looks for old segments',
  },
  compaction: {
    schema: interval.default(15_000),
    flag: 'compaction',
    variable: 'MILLRACE_COMPACTION_MS',
    help: 'ms between two rounds of compaction',
  },
  limits: {
    schema: limits.optional(),
    flag: 'limits',
    variable: 'MILLRACE_LIMITS',
    help: 'bounds other than the default ones, as name=number,name=number',
  },
  ...securitySettings,
  logLevel: {
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
    flag: 'log-level',
    variable: 'MILLRACE_LOG_LEVEL',
    help: 'least severe log line that is written',
  },
} as const satisfies SettingsTable;

export type BrokerSettings = Settings<typeof brokerSettings>;
