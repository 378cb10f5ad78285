import type { JsonValue } from './json.ts';

/** Why an expression gave no value, in a sentence that names the expression. */
export interface Failure {
  readonly message: string;
  /** Offsets into the expression's text, when one place is to blame. */
  readonly position?: { readonly from: number; readonly to: number };
}

/** FEEL answers `null` where other languages fail; the warning says why (an unknown variable, a type mismatch). */
export interface Warning {
  readonly kind: string;
  readonly message: string;
}

export type Evaluation =
  | { readonly value: JsonValue; readonly warnings: readonly Warning[] }
  | { readonly failure: Failure };

export interface Step {
  /** What `now()` and `today()` answer, in ms since the epoch. */
  readonly now: number;
}

/** Evaluates a FEEL text (without the leading `=`). Never throws: what goes wrong is a value. */
export function evaluate(_expression: string, _context: Readonly<Record<string, unknown>>, _step: Step): Evaluation {
  return { value: null, warnings: [] };
}

/** Says what is wrong with the syntax, or undefined. */
export function checkExpression(_expression: string): string | undefined {
  return undefined;
}
