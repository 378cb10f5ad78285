import { fileURLToPath } from 'node:url';
import type { ClientKind } from './client.ts';
import { ProcessClient } from './process-client.ts';

export const pythonDirectory = fileURLToPath(new URL('../python/', import.meta.url));

/** Where `prepare.ts` installs the wheel of confluent-kafka, which holds a librdkafka of today; Debian's kcat has an older one. */
export const pythonEnvironment = `${pythonDirectory}target/venv`;

export const librdkafka: ClientKind = {
  name: 'librdkafka',
  codecs: ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
  strategies: ['range', 'roundrobin', 'cooperative'],
  hasStaticMembers: true,
  isIdempotent: true,
  hasTransactions: true,
  findsMaxTimestamp: true,
  lacks: [],
  open: (address) =>
    Promise.resolve(new ProcessClient(`${pythonEnvironment}/bin/python`, [`${pythonDirectory}agent.py`, address])),
};
