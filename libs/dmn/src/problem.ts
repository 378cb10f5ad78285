import { type FileRule, type Problem as ProblemOf, Problems as ProblemsOf, nearestId } from '@millrace/moddle';

export type Rule =
  | FileRule
  | 'too-deep'
  | 'unknown-content' // An element or attribute that DMN does not have.
  | 'not-supported'
  | 'no-decision'
  | 'id' // Missing, twice, or reserved.
  | 'name' // Missing, or used twice among what FEEL would see by it.
  | 'reference' // Something is referred to that is not there.
  | 'cycle' // A decision that requires itself.
  | 'logic' // A decision or a boxed expression that lacks a part.
  | 'table'
  | 'type'
  | 'expression'; // A syntax error in FEEL.

export type Problem = ProblemOf<Rule>;

export class Problems extends ProblemsOf<Rule> {
  constructor() {
    super(nearestId);
  }
}
