/** Why an expression or a timer gave no value, in a sentence. */
export interface Failure {
  readonly message: string;
  /** Offsets into the expression's text, when one place is to blame. */
  readonly position?: { readonly from: number; readonly to: number };
}

/** FEEL answers `null` where other languages fail; the warning says why (an unknown variable, a type mismatch). */
export interface Warning {
  /** Stable, as `NO_VARIABLE_FOUND`. */
  readonly kind: string;
  readonly message: string;
  /** Offsets into the expression's text. */
  readonly position?: { readonly from: number; readonly to: number };
}
