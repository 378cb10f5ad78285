import { type Broker, createBroker, type ListenerOptions } from '@millrace/broker';
import { pino } from 'pino';
import { type InternalUser, protocolOf, securityOf } from './security.ts';
import type { BrokerSettings } from './settings.ts';

/**
 * The broker of these settings, logging JSON lines to standard output; not started yet.
 *
 * @param internal gets a listener of its own, the last one, which only this machine can reach
 */
export function brokerOf(
  settings: BrokerSettings,
  onFailure: (error: unknown) => void,
  internal?: InternalUser,
): Broker {
  return createBroker({
    dataDirectory: settings.data,
    listeners: [...listenersOf(settings), ...(internal === undefined ? [] : [INTERNAL_LISTENER])],
    ...securityOf(settings, internal),
    groups: { initialRebalanceDelayMs: settings.rebalanceDelay },
    fsync: settings.fsync,
    autoCreateTopics: settings.autoCreate,
    defaultPartitions: settings.partitions,
    logIntervals: { retentionCheckMs: settings.retentionCheck, compactionMs: settings.compaction },
    readCommittedTopics: settings.readCommitted ?? [`${settings.namespace}plugin.*`],
    ...(settings.limits === undefined ? {} : { limits: settings.limits }),
    logger: pino({ name: 'broker', level: settings.logLevel }, pino.destination({ dest: 1, sync: true })),
    onFailure,
  });
}

const INTERNAL_LISTENER: ListenerOptions = {
  host: '127.0.0.1',
  port: 0,
  name: 'internal',
  sasl: { mechanisms: ['SCRAM-SHA-256'] },
};

/** One for each node id, on the ports behind each other; each gets a free one where port 0 was asked for. */
function listenersOf(settings: BrokerSettings): ListenerOptions[] {
  const { kafka, advertise, nodes, protocol, listeners = [] } = settings;
  const behind = (port: number, index: number): number => (port === 0 ? 0 : port + index);
  const ofNodes = Array.from({ length: nodes }, (_, index) => ({
    host: kafka.host,
    port: behind(kafka.port, index),
    nodeId: settings.nodeId + index,
    ...protocolOf(protocol, settings),
    ...(advertise && { advertised: { host: advertise.host, port: behind(advertise.port, index) } }),
  }));
  const further = listeners.map(({ protocol: kind, ...where }, index) => ({
    ...where,
    name: `further-${index}`,
    ...protocolOf(kind, settings),
  }));
  return [...ofNodes, ...further];
}
