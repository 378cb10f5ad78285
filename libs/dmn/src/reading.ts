import type { ModdleElement } from '@millrace/moddle';
import type { Problems, Rule } from './problem.ts';

/**
 * What every reader gets. A reader that meets a problem notes it and returns undefined: a model with an error is never evaluated,
 * so that nothing sensible has to be put in its place.
 */
export interface Reading {
  readonly problems: Problems;
  readonly isTolerant: boolean;
  /** Whether it is read for what other files take from it, which need not be a decision. */
  readonly isImported?: boolean;
}

/** Everything that reads and evaluates recurses per level. */
const NESTING_MAX = 200;

/** Notes the problem of an element that is within too many others, and says so. */
export function isTooDeep({ problems }: Reading, element: ModdleElement): boolean {
  let depth = 0;
  for (let at = element.$parent; at !== undefined; at = at.$parent) depth += 1;
  if (depth <= NESTING_MAX) return false;
  problems.error(element, 'too-deep', `expected elements nested at most ${NESTING_MAX} deep`);
  return true;
}

/** What a deployment must refuse, and what is null when it is evaluated all the same: FEEL that does not parse, a lacking logic. */
export function fault(
  { problems, isTolerant }: Reading,
  element: ModdleElement | string | undefined,
  rule: Rule,
  message: string,
): void {
  problems[isTolerant ? 'warning' : 'error'](element, rule, message);
}
