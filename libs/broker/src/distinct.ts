/**
 * The first of each key. What a request asks for over and over is answered once: otherwise a small request would make us
 * look up, and hold in memory, an answer thousands of times its size.
 */
export function distinct<T>(items: readonly T[], keyOf: (item: T) => string | number): readonly T[] {
  if (items.length < 2) return items;
  const byKey = new Map<string | number, T>();
  for (const item of items) {
    const key = keyOf(item);
    if (!byKey.has(key)) byKey.set(key, item);
  }
  return byKey.size === items.length ? items : [...byKey.values()];
}
