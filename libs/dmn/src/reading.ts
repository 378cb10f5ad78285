import type { Problems } from './problem.ts';

/**
 * What every reader gets. A reader that meets a problem notes it and returns undefined: a model with an error is never evaluated,
 * so that nothing sensible has to be put in its place.
 */
export interface Reading {
  readonly problems: Problems;
  readonly invalidFeel: 'error' | 'warning';
}
