export { type Evaluation, type Failure, type Step, type Warning, checkExpression, evaluate } from './evaluate.ts';
export type { JsonValue } from './json.ts';
export { type TimerKind, type TimerSchedule, addDuration, checkTimer, parseTimer } from './timer.ts';
