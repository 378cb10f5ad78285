import { type Broker, createBroker } from '@millrace/broker';
import { pino } from 'pino';
import type { BrokerSettings } from './settings.ts';

/** The broker of these settings, logging JSON lines to standard output; not started yet. */
export function brokerOf(settings: BrokerSettings, onFailure: (error: unknown) => void): Broker {
  return createBroker({
    dataDirectory: settings.data,
    listeners: [{ ...settings.kafka, ...(settings.advertise === undefined ? {} : { advertised: settings.advertise }) }],
    fsync: settings.fsync,
    autoCreateTopics: settings.autoCreate,
    defaultPartitions: settings.partitions,
    readCommittedTopics: settings.readCommitted ?? [`${settings.namespace}plugin.*`],
    ...(settings.limits === undefined ? {} : { limits: settings.limits }),
    logger: pino({ name: 'broker', level: settings.logLevel }, pino.destination({ dest: 1, sync: true })),
    onFailure,
  });
}
