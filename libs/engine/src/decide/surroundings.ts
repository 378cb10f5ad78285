import type { ElementRow, Key } from '@millrace/records';
import type { Surroundings } from './expressions.ts';
import { visibleVariables } from './scopes.ts';
import type { Walk } from './walk.ts';

/** What the expressions of an element see. */
export function surroundings(walk: Walk, element: ElementRow): Surroundings {
  const { context, instanceId } = walk;
  return { variables: visibleVariables(context.draft, instanceId, element.elementKey), now: context.now };
}

/** What is visible inside a scope: the instance, or an element in it. */
export function surroundingsOfScope({ context, instanceId }: Walk, scopeKey: Key): Surroundings {
  return { variables: visibleVariables(context.draft, instanceId, scopeKey), now: context.now };
}
