export { type BrokerSettings, brokerSettings } from './settings.ts';
export { type BrokerWorker, startBrokerWorker } from './start-worker.ts';
