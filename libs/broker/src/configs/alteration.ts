import type { TopicConfigs } from '@millrace/log';
import type { ErrorName } from '@millrace/wire';

export interface ConfigRefusal {
  readonly error: ErrorName;
  readonly message: string;
}

export interface AlteredConfigs {
  readonly configs: TopicConfigs;
}

/** One entry of IncrementalAlterConfigs (KIP-339). */
export interface ConfigChange {
  readonly name: string;
  readonly operation: number;
  readonly value: string | null;
}

/** What a change needs to know of the configuration that it changes. */
export interface ConfigKey {
  readonly type: string;
  /** Null where there is none. */
  readonly default: string | null;
}

const SET = 0;
const DELETE = 1;
const APPEND = 2;
const SUBTRACT = 3;

/**
 * What was set for a resource, after the changes: all of them or none. APPEND and SUBTRACT begin at what was set, or else at
 * the default; an element is in a list once.
 */
export function altered(
  own: TopicConfigs,
  changes: readonly ConfigChange[],
  keyOf: (name: string) => ConfigKey | undefined,
): AlteredConfigs | ConfigRefusal {
  const problem = problemOf(changes);
  if (problem !== null) return { error: 'INVALID_REQUEST', message: problem };
  // A map, since names come from clients: `constructor` is one like any other.
  const result = new Map(Object.entries(own));
  for (const { name, operation, value } of changes) {
    if (operation === DELETE) result.delete(name);
    else if (operation === SET) result.set(name, value ?? '');
    else {
      const key = keyOf(name);
      if (key !== undefined && key.type !== 'list') {
        return { error: 'INVALID_CONFIG', message: `expected ${name} to be a list, found a ${key.type}` };
      }
      const before = elementsOf(result.get(name) ?? key?.default ?? '');
      const named = elementsOf(value ?? '');
      const after =
        operation === APPEND
          ? [...before, ...named.filter((one) => !before.includes(one))]
          : before.filter((one) => !named.includes(one));
      result.set(name, after.join(','));
    }
  }
  return { configs: Object.fromEntries(result) };
}

/** The replacement of everything that AlterConfigs brings, or why it is none. */
export function replaced(
  configs: readonly { readonly name: string; readonly value: string | null }[],
): AlteredConfigs | ConfigRefusal {
  return altered(
    {},
    configs.map((one) => ({ ...one, operation: SET })),
    () => undefined,
  );
}

function problemOf(changes: readonly ConfigChange[]): string | null {
  const names = new Set<string>();
  for (const { name, operation, value } of changes) {
    if (names.has(name)) return `expected ${name} once for a resource`;
    names.add(name);
    if (operation < SET || operation > SUBTRACT)
      return `expected an operation from 0 to 3 for ${name}, found ${operation}`;
    if (operation !== DELETE && value === null) return `expected a value for ${name}, found null`;
  }
  return null;
}

function elementsOf(list: string): string[] {
  return list
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}
