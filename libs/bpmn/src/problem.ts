import { type FileRule, type Problem as ProblemOf, Problems as ProblemsOf } from '@millrace/moddle';

export type Rule =
  | FileRule
  | 'no-executable-process'
  | 'unknown-content' // An element or attribute that BPMN does not have.
  | 'not-supported' // BPMN that the engine does not execute yet.
  | 'id' // Missing, twice, or reserved.
  | 'reference' // Something is referred to that is not there.
  | 'start-event'
  | 'flow' // Sequence flows that BPMN does not allow here.
  | 'condition'
  | 'decision'
  | 'event-definition'
  | 'form'
  | 'gateway'
  | 'action'
  | 'stage' // Stages, milestones, and where a token may go back to.
  | 'link'
  | 'listener'
  | 'loop'
  | 'boundary'
  | 'message'
  | 'timer'
  | 'error-code'
  | 'escalation-code'
  | 'job'
  | 'call'
  | 'compensation'
  | 'cancel'
  | 'publish'
  | 'receive'
  | 'script'
  | 'signal'
  | 'mapping'
  | 'expression' // A syntax error in FEEL.
  | 'unreachable'
  | 'dead-end' // A token ends, and no end event says that it should.
  | 'no-default'
  | 'endless-loop'
  | 'message-key';

export type Problem = ProblemOf<Rule>;

export class Problems extends ProblemsOf<Rule> {}
