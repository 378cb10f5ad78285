import type { ReadToken } from '@millrace/projection';

/** The manual actions that can be executed now, as far as no condition is against it. */
export function possibleActions({ actions = [] }: ReadToken): string[] {
  const isExecuted = (name: string): boolean => actions.some((other) => other.name === name && other.executed > 0);
  return actions
    .filter(({ isManual, isRepeatable, running, executed, parent }) => {
      const isOpen = isRepeatable === true || running + executed === 0;
      return isManual === true && isOpen && (parent === undefined || isExecuted(parent));
    })
    .map(({ name }) => name);
}
