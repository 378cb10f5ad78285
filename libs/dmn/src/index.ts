export type * from './model.ts';
export type { Problem, Rule } from './problem.ts';
export {
  type DecisionFailure,
  type DecisionResult,
  type EvaluationOptions,
  type ComputedDecision,
  computeDecision,
  evaluateDecision,
} from './evaluate-decision.ts';
export { ownDecisions } from './merge-imports.ts';
export { MODEL_LENGTH_MAX } from '@millrace/moddle';
export { type ReadOptions, type ReadResult, readDecisions } from './read-decisions.ts';
export type { DecisionTrace, FiredRule, TableTrace } from './trace.ts';
