export type { KeyRange, KnownDecision, KnownForm, State, Step, View } from './view.ts';
export type {
  CommandOutput,
  DeadLetterOutput,
  Decision,
  DecisionsOutput,
  DefinitionOutput,
  DueTimer,
  FormOutput,
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
