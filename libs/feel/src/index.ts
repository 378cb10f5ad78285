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
export { type JsonValue, type Left, toJson } from './json.ts';
export { Ended, Run } from './run.ts';
export { show } from './show.ts';
export { parseDate, parseDateTime, parseDuration, parseTime } from './temporal.ts';
export { ANY, type FeelType, builtInType, coerce, isInstance } from './types.ts';
export { type FeelContext, isContext, isList, normalName } from './values.ts';
export { equals, compare } from './comparison.ts';
export { type Names, Scope, namesOf } from './scope.ts';
export { type CheckOptions, type Grammar, checkExpression } from './syntax.ts';
export {
  type TimerKind,
  type TimerReading,
  type TimerSchedule,
  checkTimer,
  nextDue,
  parseTimer,
} from './timer.ts';
