import { fileURLToPath } from 'node:url';
import type { ClientKind } from './client.ts';
import { ProcessClient } from './process-client.ts';

export const pythonDirectory = fileURLToPath(new URL('../python/', import.meta.url));

/** Where `prepare.ts` installs what requirements.txt lists; Debian's packages are older. */
export const pythonEnvironment = `${pythonDirectory}target/venv`;

const open = (program: string, python: string) => (address: string) =>
  Promise.resolve(new ProcessClient(python, [`${pythonDirectory}${program}`, address]));

const full: Omit<ClientKind, 'name' | 'open'> = {
  codecs: ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
  tellsEmptyFromMissing: true,
  writesWholeRecords: true,
  strategies: ['range', 'roundrobin', 'cooperative'],
  hasStaticMembers: true,
  hearsOfFencing: true,
  isIdempotent: true,
  hasTransactions: true,
  filtersAborted: true,
  findsMaxTimestamp: true,
  lacks: [],
};

export const librdkafka: ClientKind = {
  ...full,
  name: 'librdkafka',
  open: open('librdkafka.py', `${pythonEnvironment}/bin/python`),
};

export const kafkaPython: ClientKind = {
  ...full,
  name: 'kafka-python',
  strategies: ['range', 'roundrobin', 'sticky', 'cooperative'],
  open: open('kafka_python.py', `${pythonEnvironment}/bin/python`),
};

/** Debian's python3-kafka is kafka-python 2.0.2. Its sticky assignor fails when a member of it joins for the second time (TypeError). */
export const debianKafkaPython: ClientKind = {
  ...full,
  name: 'python3-kafka',
  strategies: ['range', 'roundrobin'],
  hasStaticMembers: false,
  hearsOfFencing: false,
  isIdempotent: false,
  hasTransactions: false,
  findsMaxTimestamp: false,
  lacks: ['deleteRecords'],
  open: open('kafka_python.py', '/usr/bin/python3'),
};
