export { jobOf, literalJobTypes } from './job-types.ts';
export type * from './model.ts';
export type { Problem } from './problem.ts';
export { type ExpressionChecks, type ReadResult, readModel } from './read-model.ts';
