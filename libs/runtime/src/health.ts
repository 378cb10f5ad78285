export type PartitionPhase =
  /** Not ours. */
  | 'released'
  /** R4 is under way; commands wait. */
  | 'takingOver'
  | 'running'
  /** Another owner has taken it over (R6). */
  | 'fenced'
  /** An invariant does not hold (R10): nothing is decided any more until the process is started again. */
  | 'failed';

export interface PartitionHealth {
  readonly partition: number;
  readonly phase: PartitionPhase;
  /** Of `failed`, or why the last take-over had to be tried again. */
  readonly problem?: string;
}

export interface RuntimeHealth {
  /** Every owned partition is running, the ingress reads, definitions are up to date. */
  readonly isReady: boolean;
  /** Something has failed that only a restart (and somebody looking) can mend. */
  readonly isBroken: boolean;
  readonly partitions: readonly PartitionHealth[];
  readonly ingress: { readonly isRunning: boolean; readonly problem?: string };
}

export interface PartitionStats {
  readonly partition: number;
  readonly phase: PartitionPhase;
  readonly commands: number;
  readonly events: number;
  readonly timers: number;
  readonly rejections: number;
  readonly batches: number;
  readonly takeOvers: number;
  readonly checkpoints: number;
  /** Offset of the next command to decide, and of the next event to be written. */
  readonly nextCommandOffset: number;
  readonly nextEventOffset: number;
  readonly queuedCommands: number;
  /** When the next timer is due, epoch ms. */
  readonly nextDueAt?: number;
}

export interface RuntimeStats {
  readonly partitions: readonly PartitionStats[];
  readonly ingress: { readonly records: number; readonly deadLetters: number; readonly topics: number };
  readonly definitions: number;
}
