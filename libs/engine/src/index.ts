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
