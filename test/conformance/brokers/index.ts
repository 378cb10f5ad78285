import { BrokerProcess } from '../../support/broker-process.ts';
import { ApacheKafka } from './apache-kafka.ts';

export type BrokerKind = 'millrace' | 'kafka';

/** A broker of its own on a data directory of its own, to be stopped, killed and started again at the same address. */
export interface TestBroker {
  readonly address: string;
  readonly port: number;
  /** Resolves when clients are served. */
  start(): Promise<void>;
  /** SIGTERM: everything is closed in order. */
  stop(): Promise<void>;
  /** SIGKILL: nothing is closed, nothing flushed. */
  kill(): Promise<void>;
  /** The end of the test: nothing of it is left. */
  remove(): Promise<void>;
}

/** The broker that this run of the suite is about; each lane's configuration says which. */
export const brokerKind: BrokerKind = process.env['CONFORMANCE_BROKER'] === 'kafka' ? 'kafka' : 'millrace';

/** `overrides` are lines of Apache Kafka's server.properties. */
export function startBroker(overrides: Readonly<Record<string, string>> = {}): Promise<TestBroker> {
  return brokerKind === 'kafka' ? ApacheKafka.start(() => overrides) : BrokerProcess.start();
}
