export { type Broker, type BrokerAddress, type BrokerStats, createBroker } from './broker.ts';
export { BrokerError, type BrokerErrorCode } from './errors.ts';
export {
  type BrokerLimits,
  type BrokerLogger,
  type BrokerOptions,
  defaultLimits,
  type ListenerOptions,
} from './options.ts';
