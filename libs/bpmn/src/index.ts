export { startMessageOf } from './instantiating.ts';
export { jobOf, literalJobTypes } from './job-types.ts';
export { mendingOf } from './mend.ts';
export type * from './model.ts';
export type { Problem, Rule } from './problem.ts';
export { elementsBehind } from './ways.ts';
export { MODEL_LENGTH_MAX } from '@millrace/moddle';
export { type ReadResult, readModel } from './read-model.ts';
export type { ExpressionChecks } from './reading.ts';
