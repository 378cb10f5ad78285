import type { Variables } from './envelope.ts';
import type { EventEnvelope } from './events.ts';
import type { InstanceId, Key } from './ids.ts';

/** An element that an ad-hoc sub-process begins, with the variables that what it begins has for itself. */
export interface AdHocBeginning {
  readonly elementId: string;
  readonly variables?: Variables;
}

/** What the job of an ad-hoc sub-process says, as Zeebe's job result has it. */
export interface AdHocResult {
  readonly activateElements?: readonly AdHocBeginning[];
  /** Nothing begins any more: the sub-process is over when nothing runs in it. */
  readonly isCompletionConditionFulfilled?: boolean;
  /** With that: what still runs is ended. */
  readonly isCancelRemainingInstances?: boolean;
}

export type AdHocEvent = AdHocQueued | AdHocDequeued | AdHocFulfilled;

interface OfAdHoc extends EventEnvelope {
  readonly instanceId: InstanceId;
  readonly elementId: string;
  readonly elementKey: Key;
}

/** These begin one after the other. */
export interface AdHocQueued extends OfAdHoc {
  readonly kind: 'adHoc.queued';
  readonly beginnings: readonly AdHocBeginning[];
  /** Size of all variables of the instance with theirs. */
  readonly variableBytes: number;
}

/** The first of them begins; or the sub-process is over, and none of them does. */
export interface AdHocDequeued extends OfAdHoc {
  readonly kind: 'adHoc.dequeued';
  readonly isClosed?: true;
  readonly variableBytes: number;
}

/** The job has said that nothing more begins. */
export interface AdHocFulfilled extends OfAdHoc {
  readonly kind: 'adHoc.fulfilled';
}
