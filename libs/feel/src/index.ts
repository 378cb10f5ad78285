export {
  type Evaluation,
  type Outcome,
  type Step,
  evaluate,
  evaluateIn,
  evaluateTests,
  seenVariables,
} from './evaluate.ts';
export type { Failure, Warning } from './failure.ts';
export { FunctionValue } from './function-value.ts';
export { type JsonValue, toJson } from './json.ts';
export { Run } from './run.ts';
export { type Names, Scope, namesOf } from './scope.ts';
export { type CheckOptions, type Grammar, checkExpression } from './syntax.ts';
export { type TimerKind, type TimerReading, type TimerSchedule, addDuration, checkTimer, parseTimer } from './timer.ts';
