export { type Evaluation, type Step, evaluate } from './evaluate.ts';
export type { Failure, Warning } from './failure.ts';
export type { JsonValue } from './json.ts';
export { checkExpression } from './syntax.ts';
export { type TimerKind, type TimerReading, type TimerSchedule, addDuration, checkTimer, parseTimer } from './timer.ts';
