import type { Variables } from './envelope.ts';
import type { EventEnvelope } from './events.ts';
import type { InstanceId, Key } from './ids.ts';

/** A parallel multiple event (BPMN 2.0.2 §10.5): what has come of its parts, until each has. */
export type PartEvent = EventPartCame | EventPartsTaken;

interface OfParts extends EventEnvelope {
  readonly instanceId: InstanceId;
  /** The event. */
  readonly elementId: string;
  /** Who waits for it: itself, the activity that it is attached to, or the scope in which it starts something. */
  readonly elementKey: Key;
  /** Size of all variables of the instance with what the parts have brought. */
  readonly variableBytes: number;
}

export interface EventPartCame extends OfParts {
  readonly kind: 'event.partCame';
  readonly partId: string;
  readonly variables: Variables;
}

/** Each part has come, and one occurrence of each is used up; or the event is not waited for any more, and all are. */
export interface EventPartsTaken extends OfParts {
  readonly kind: 'event.partsTaken';
  readonly isClosed?: true;
}
