import { agentClasses, clientJars, java, kafkaJars } from '../java/jars.ts';
import type { ClientKind } from './client.ts';
import { ProcessClient } from './process-client.ts';

function javaClient(name: string, jars: string): ClientKind {
  return {
    name,
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
    open: (address) => {
      const flags = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', `${agentClasses}:${jars}`];
      return Promise.resolve(new ProcessClient(java, [...flags, 'Agent', address]));
    },
  };
}

export const java4 = javaClient('Java client 4', kafkaJars);
export const java3 = javaClient('Java client 3', clientJars);
