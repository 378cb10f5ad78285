/** One thing wrong with a model. `rule` is stable and for machines, `message` is a sentence for the modeller. */
export interface Problem {
  /** The element to mark in the modeller; absent when the file as a whole is meant. */
  readonly elementId?: string;
  readonly rule: string;
  readonly message: string;
  /** A model with an error cannot be deployed. */
  readonly severity: 'error' | 'warning';
}
