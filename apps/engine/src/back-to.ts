import { type ExecutableProcess, elementsBehind } from '@millrace/bpmn';
import type { ReadInstance, ReadToken } from '@millrace/projection';

/** Where a token may go back to: what was passed in each scope around it, and leads to where it is there. The latest comes first. */
export function backTo(
  model: ExecutableProcess,
  instance: ReadInstance,
  tokens: readonly ReadToken[],
  token: ReadToken,
): string[] {
  const around = tokens.find(({ id }) => id === token.scopeKey);
  const passed = (token.scopeKey === instance.id ? instance.passed : around?.passed) ?? [];
  const here = passed.filter((id) => elementsBehind(model, id).has(token.elementId)).reverse();
  return around === undefined ? here : [...here, ...backTo(model, instance, tokens, around)];
}
