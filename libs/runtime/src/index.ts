export type { CommandSender, SentCommand } from './command-sender.ts';
export type { DefinitionReader, DeployedDefinition } from './definitions.ts';
export { type Logger, type RuntimeLimits, type RuntimeOptions, defaultLimits, silentLogger } from './options.ts';
export {
  type PartitionHealth,
  type PartitionPhase,
  type PartitionStats,
  type Runtime,
  type RuntimeHealth,
  type RuntimeStats,
  createRuntime,
} from './runtime.ts';
