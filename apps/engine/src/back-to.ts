import { type ExecutableProcess, elementsBefore } from '@millrace/bpmn';
import type { ReadInstance, ReadToken } from '@millrace/projection';

/**
 * Where tokens of an instance may go back to: what was passed in each scope around one, and leads to where it is there. The latest comes
 * first. What leads to an element is worked out once.
 */
export function backTo(
  model: ExecutableProcess,
  instance: ReadInstance,
  tokens: readonly ReadToken[],
): (token: ReadToken) => string[] {
  const tokenById = new Map(tokens.map((token) => [token.id, token]));
  const known = new Map<string, ReadonlySet<string>>();
  const before = (id: string): ReadonlySet<string> => {
    const found = known.get(id) ?? elementsBefore(model, id);
    known.set(id, found);
    return found;
  };
  const stepsOf = ({ scopeKey, elementId }: ReadToken): string[] => {
    const around = tokenById.get(scopeKey ?? '');
    const passed = (scopeKey === instance.id ? instance.passed : around?.passed) ?? [];
    const here = passed.length === 0 ? [] : passed.filter((id) => before(elementId).has(id)).reverse();
    return around === undefined ? here : [...here, ...stepsOf(around)];
  };
  return stepsOf;
}
