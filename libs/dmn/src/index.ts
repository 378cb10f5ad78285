export type * from './model.ts';
export type { Problem, Rule } from './problem.ts';
export { MODEL_LENGTH_MAX, type ReadOptions, type ReadResult, readDecisions } from './read-decisions.ts';
