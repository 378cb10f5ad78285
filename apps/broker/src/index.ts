export { checkSecurity } from './check-security.ts';
export { releaseMemoryAfterStart } from './release-memory.ts';
export { type InternalUser, isSecured } from './security.ts';
export { type SecuritySettings, securitySettings } from './security-settings.ts';
export { type BrokerSettings, brokerSettings } from './settings.ts';
export { type BrokerWorker, startBrokerWorker } from './start-worker.ts';
