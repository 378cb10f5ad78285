import type { ErrorAction, EscalationAction, SignalAction } from './model-actions.ts';
import type { Expression } from './model.ts';

export type Loop = MultiInstance | StandardLoop;

/** Once per item of `inputCollection`, or `cardinality` times; one of the two is there. */
export interface MultiInstance {
  readonly kind: 'multiInstance';
  readonly isSequential: boolean;
  readonly inputCollection?: Expression;
  readonly cardinality?: Expression;
  /** The variable that has the item. */
  readonly inputElement?: string;
  /** The variable that gets what `outputElement` gave each time, in the order of the items. Both or none are there. */
  readonly outputCollection?: string;
  readonly outputElement?: Expression;
  /** FEEL: asked each time one is done; true ends the others. */
  readonly completionCondition?: string;
  /** What is thrown when one is done, to boundary events of the activity above all (BPMN 2.0.2 §10.3.8, `behavior`). */
  readonly throws?: readonly ImplicitThrow[];
}

export interface ImplicitThrow {
  /** When the first is done, or each, or each when the condition holds. */
  readonly when: 'first' | 'each';
  /** FEEL, over what the iteration sees and the numbers that a completion condition has. */
  readonly condition?: string;
  readonly action: SignalAction | EscalationAction | ErrorAction;
}

/** One after the other, as long as the condition holds; at least one of `condition` and `maximum` is there. */
export interface StandardLoop {
  readonly kind: 'standardLoop';
  /** FEEL. */
  readonly condition?: string;
  /** Asked before the first time too. */
  readonly testBefore: boolean;
  readonly maximum?: number;
}
