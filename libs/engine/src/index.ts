export type { KeyRange, State, Step, View } from './view.ts';
export type {
  CommandOutput,
  DeadLetterOutput,
  Decision,
  DefinitionOutput,
  DueTimer,
  Input,
  JobOutput,
  Output,
  PublishOutput,
  ReplyOutput,
  StartConfirmation,
} from './decision.ts';
export { decide } from './decide/decide.ts';
export { apply } from './apply/apply.ts';
export { dueTimers, nextDueAt } from './timers.ts';
export * from './limits.ts';
