import { fileURLToPath } from 'node:url';
import type { ClientKind } from './client.ts';
import { ProcessClient } from './process-client.ts';

/** What go/ builds to. */
export const goAgent = fileURLToPath(new URL('../go/target/agent', import.meta.url));

const full: Omit<ClientKind, 'name' | 'open'> = {
  codecs: ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
  tellsEmptyFromMissing: true,
  writesWholeRecords: true,
  strategies: ['range', 'roundrobin', 'sticky', 'cooperative'],
  hasStaticMembers: true,
  hearsOfFencing: true,
  isIdempotent: true,
  hasTransactions: true,
  filtersAborted: true,
  findsMaxTimestamp: true,
  lacks: [],
};

const open = (name: string) => (address: string) => Promise.resolve(new ProcessClient(goAgent, [name, address]));

export const franz: ClientKind = { ...full, name: 'franz-go', open: open('franz-go') };
export const sarama: ClientKind = {
  ...full,
  name: 'sarama',
  findsMaxTimestamp: false,
  lacks: ['alterGroupOffsets'],
  open: open('sarama'),
};
/** Segmentio's. */
export const kafkaGo: ClientKind = {
  ...full,
  name: 'kafka-go',
  tellsEmptyFromMissing: false,
  strategies: ['range', 'roundrobin'],
  hasStaticMembers: false,
  hearsOfFencing: false,
  isIdempotent: false,
  hasTransactions: false,
  findsMaxTimestamp: false,
  lacks: ['deleteRecords'],
  open: open('kafka-go'),
};
