import type { EventEnvelope } from './events.ts';
import type { InstanceId, Key } from './ids.ts';
import type { HeldCommand } from './operation-commands.ts';
import type { TimerRow } from './rows.ts';

/** What operators have done to running instances, and what it made of inputs. */
export type OperationEvent = InstanceSuspended | InstanceResumed | InputHeld | InputReleased;

interface OfInstance extends EventEnvelope {
  readonly instanceId: InstanceId;
}

export interface InstanceSuspended extends OfInstance {
  readonly kind: 'instance.suspended';
  readonly reason?: string;
}

export interface InstanceResumed extends OfInstance {
  readonly kind: 'instance.resumed';
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
