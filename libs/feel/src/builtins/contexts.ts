import type { Run } from '../run.ts';
import { type FeelContext, entryOf, isContext, isList, normalName } from '../values.ts';
import { any, builtin, context, list, overItems, signature, text } from './define.ts';

export const contextFunctions = [
  builtin(
    'get value',
    signature('context, key', [context, text], ([of, key]) => entryOf(of, normalName(key)) ?? null),
    signature('context, keys', [context, list], ([of, keys]) => {
      let value: unknown = of;
      for (const key of keys) {
        if (typeof key !== 'string') return undefined;
        value = isContext(value) ? (entryOf(value, normalName(key)) ?? null) : null;
      }
      return value;
    }),
    // Its first parameter before DMN 1.3.
    signature('m, key', [context, text], ([of, key]) => entryOf(of, normalName(key)) ?? null),
  ),
  builtin(
    'get entries',
    signature('context', [context], ([of], run) => entries(of, run)),
    signature('m', [context], ([of], run) => entries(of, run)),
  ),
  builtin(
    'context',
    overItems('entries', (items, run) => fromEntries(items, run)),
  ),
  builtin(
    'context put',
    signature('context, key, value', [context, text, any], ([of, key, value], run) => put(of, [key], value, run)),
    signature('context, keys, value', [context, list, any], ([of, keys, value], run) => put(of, keys, value, run)),
  ),
  builtin(
    'put',
    signature('context, key, value', [context, text, any], ([of, key, value], run) => put(of, [key], value, run)),
  ),
  builtin('context merge', overItems('contexts', merge)),
  builtin('put all', overItems('contexts', merge)),
];

function entries(of: FeelContext, run: Run): unknown[] {
  const all = Object.entries(of);
  run.spend(all.length);
  return all.map(([key, value]) => ({ key, value: value ?? null }));
}

/** fromEntries defines own properties, so that a key `__proto__` stays a key. */
function fromEntries(items: readonly unknown[], run: Run): FeelContext | undefined {
  run.spend(items.length);
  const made = new Map<string, unknown>();
  for (const item of items) {
    if (!isContext(item) || !Object.hasOwn(item, 'value')) return undefined;
    const key = entryOf(item, 'key');
    if (typeof key !== 'string' || made.has(key)) return undefined;
    made.set(key, item['value'] ?? null);
  }
  return Object.fromEntries(made);
}

function put(of: unknown, keys: readonly unknown[], value: unknown, run: Run): FeelContext | undefined {
  const [key, ...rest] = keys;
  if (typeof key !== 'string' || !isContext(of)) return undefined;
  const all = Object.entries(of);
  run.spend(all.length + 1);
  const inner = rest.length === 0 ? value : put(of[key] ?? undefined, rest, value, run);
  if (inner === undefined) return undefined;
  return Object.fromEntries(new Map([...all, [key, inner]]));
}

function merge(items: readonly unknown[], run: Run): FeelContext | undefined {
  const merged = new Map<string, unknown>();
  for (const item of items) {
    if (!isContext(item) || isList(item)) return undefined;
    const all = Object.entries(item);
    run.spend(all.length);
    for (const [key, value] of all) merged.set(key, value);
  }
  return Object.fromEntries(merged);
}
