import type { EventEnvelope } from './events.ts';
import type { DefinitionKey, InstanceId, Key } from './ids.ts';
import type { ActivateInstruction, HeldCommand, TerminateInstruction } from './operation-commands.ts';
import type { TimerRow } from './work-rows.ts';

/** What operators have done to running instances, and what it made of inputs. */
export type OperationEvent =
  | InstanceSuspended
  | InstanceResumed
  | InstanceModified
  | InstanceMigrated
  | InputHeld
  | InputReleased;

interface OfInstance extends EventEnvelope {
  readonly instanceId: InstanceId;
}

export interface InstanceSuspended extends OfInstance {
  readonly kind: 'instance.suspended';
  readonly reason?: string;
  readonly byCaller?: true;
}

export interface InstanceResumed extends OfInstance {
  readonly kind: 'instance.resumed';
}

/** What an operator asked for; the events behind it say what came of it. */
export interface InstanceModified extends OfInstance {
  readonly kind: 'instance.modified';
  readonly activate: readonly ActivateInstruction[];
  readonly terminate: readonly TerminateInstruction[];
}

/** From here on the ids of elements and flows are those of the new definition. */
export interface InstanceMigrated extends OfInstance {
  readonly kind: 'instance.migrated';
  readonly processId: string;
  readonly definitionKey: DefinitionKey;
  readonly definitionVersion: number;
  /** Only ids that change. */
  readonly mapping: Readonly<Record<string, string>>;
}

/** Something came for a suspended instance: it is kept, and decided after the instance has been resumed. */
export interface InputHeld extends OfInstance {
  readonly kind: 'input.held';
  readonly heldKey: Key;
  readonly input: HeldInput;
}

export type HeldInput =
  | { readonly kind: 'command'; readonly command: HeldCommand }
  | { readonly kind: 'timer'; readonly timer: TimerRow };

export interface InputReleased extends OfInstance {
  readonly kind: 'input.released';
  readonly heldKey: Key;
  /** A timer that is still wanted: due again. */
  readonly timer?: TimerRow;
}
