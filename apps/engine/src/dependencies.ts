import type { Projection } from '@millrace/projection';
import type { Runtime } from '@millrace/runtime';
import type { Clock, Random } from '@millrace/std';
import type { Commander } from './commander.ts';
import type { PluginRegistry } from './plugin-registry.ts';

/** What REST stands on: commands go to the runtime, answers and everything readable come from the projection. */
export interface EngineDependencies {
  readonly runtime: Pick<Runtime, 'sender' | 'definitions' | 'health' | 'stats' | 'partitionCount'>;
  readonly projection: Projection;
  readonly plugins: PluginRegistry;
  readonly clock: Clock;
  readonly random?: Random;
}

export interface RouteDependencies extends EngineDependencies {
  readonly random: Random;
  readonly commander: Commander;
}

/** The bounds that only this app has; those a caller should know are `limits` of the contract. */
export const engineLimits = {
  /** How long a call waits for the engine to decide its command. */
  answerMsMax: 30_000,
  /** How long a deployment waits for its definitions to be readable here, after they were accepted. */
  definitionMsMax: 10_000,
} as const;
