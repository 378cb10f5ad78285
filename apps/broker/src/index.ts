export { releaseMemoryAfterStart } from './release-memory.ts';
export { type BrokerSettings, brokerSettings } from './settings.ts';
export { type BrokerWorker, startBrokerWorker } from './start-worker.ts';
