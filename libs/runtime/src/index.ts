export type { CommandSender, SentCommand } from './command-sender.ts';
export type { DeployedDefinition } from './definition-record.ts';
export type { DefinitionReader } from './definitions.ts';
export type { DeployedForm, DeployedGraph } from './resource-records.ts';
export type { DeployedDecision, ResourceReader } from './resources.ts';
export { RuntimeError } from './errors.ts';
export { type Logger, type RuntimeLimits, type RuntimeOptions, defaultLimits, silentLogger } from './options.ts';
export type { PartitionHealth, PartitionPhase, PartitionStats, RuntimeHealth, RuntimeStats } from './health.ts';
export { type Runtime, createRuntime } from './runtime.ts';
