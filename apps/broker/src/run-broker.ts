import { type Broker, createBroker, type ListenerOptions } from '@millrace/broker';
import { pino } from 'pino';
import type { BrokerSettings } from './settings.ts';

/** The broker of these settings, logging JSON lines to standard output; not started yet. */
export function brokerOf(settings: BrokerSettings, onFailure: (error: unknown) => void): Broker {
  return createBroker({
    dataDirectory: settings.data,
    listeners: listenersOf(settings),
    groups: { initialRebalanceDelayMs: settings.rebalanceDelay },
    fsync: settings.fsync,
    autoCreateTopics: settings.autoCreate,
    defaultPartitions: settings.partitions,
    readCommittedTopics: settings.readCommitted ?? [`${settings.namespace}plugin.*`],
    ...(settings.limits === undefined ? {} : { limits: settings.limits }),
    logger: pino({ name: 'broker', level: settings.logLevel }, pino.destination({ dest: 1, sync: true })),
    onFailure,
  });
}

/** One for each node id, on the ports behind each other; each gets a free one where port 0 was asked for. */
function listenersOf({ kafka, advertise, nodes }: BrokerSettings): ListenerOptions[] {
  const behind = (port: number, index: number): number => (port === 0 ? 0 : port + index);
  return Array.from({ length: nodes }, (_, index) => ({
    host: kafka.host,
    port: behind(kafka.port, index),
    nodeId: index + 1,
    ...(advertise && { advertised: { host: advertise.host, port: behind(advertise.port, index) } }),
  }));
}
