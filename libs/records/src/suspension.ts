import type { CommandEnvelope } from './commands.ts';
import type { EventEnvelope } from './events.ts';
import type { DefinitionKey } from './ids.ts';
import type { TimerRow } from './work-rows.ts';

/**
 * A process that starts no instance until it is resumed, whatever version. Every partition is told, since each starts and calls
 * instances; partition 0 holds what its start events wait for. Instances that run go on.
 */
export type SuspensionCommand = SuspendDefinition | ResumeDefinition | ReofferStarts;

interface OfDefinition extends CommandEnvelope {
  readonly processId: string;
  /** Who is told. */
  readonly partition: number;
}

/** Being told twice does no harm: whoever could not tell all of them tells all of them again. */
export interface SuspendDefinition extends OfDefinition {
  readonly kind: 'suspendDefinition';
  readonly reason?: string;
}

export interface ResumeDefinition extends OfDefinition {
  readonly kind: 'resumeDefinition';
}

/** Partition 0 to every other, and to itself: the process starts by this message again, offer what is buffered. */
export interface ReofferStarts extends OfDefinition {
  readonly kind: 'reofferStarts';
  readonly name: string;
  /** The next slice: the last message that was looked at. */
  readonly after?: { readonly correlationKey: string; readonly messageKey: string };
}

export type SuspensionEvent = DefinitionSuspended | DefinitionResumed | StartEventWithheld | StartsReoffered;

interface EventOfDefinition extends EventEnvelope {
  readonly processId: string;
  readonly partition: number;
}

export interface DefinitionSuspended extends EventOfDefinition {
  readonly kind: 'definition.suspended';
  readonly reason?: string;
}

export interface DefinitionResumed extends EventOfDefinition {
  readonly kind: 'definition.resumed';
  /** Start events whose time came meanwhile: due again. */
  readonly timers: readonly TimerRow[];
}

/** Something came that would have started the suspended process. A timer is kept; a message lives as long as it says. */
export interface StartEventWithheld extends EventEnvelope {
  readonly kind: 'startEvent.withheld';
  readonly processId: string;
  readonly definitionKey: DefinitionKey;
  readonly elementId: string;
  readonly timer?: TimerRow;
}

/** So many buffered messages of the name have been offered to partition 0 again. */
export interface StartsReoffered extends EventOfDefinition {
  readonly kind: 'starts.reoffered';
  readonly name: string;
  readonly count: number;
}

export interface SuspendedDefinitionRow {
  readonly processId: string;
  readonly suspendedAt: number;
  readonly reason?: string;
  /** Of start events whose time has come. Partition 0. */
  readonly timers: readonly TimerRow[];
}
