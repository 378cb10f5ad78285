/**
 * Byte order of UTF-8 on JavaScript strings, which compare by UTF-16 units instead: the two differ where a surrogate meets a
 * character from U+E000 on. The store sorts bytes; what lies over it must sort the same, or a range would skip rows.
 */
export function compareKeys(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at++) {
    const a = left.charCodeAt(at);
    const b = right.charCodeAt(at);
    if (a !== b) return rank(a) - rank(b);
  }
  return left.length - right.length;
}

function rank(unit: number): number {
  const isSurrogate = unit >= 0xd800 && unit <= 0xdfff;
  return isSurrogate ? unit + 0x10000 : unit;
}

/** The least string behind all that begin with `prefix`; undefined when there is none to name, so the range is open. */
export function endOfPrefix(prefix: string): string | undefined {
  // U+10FFFF is the last code point: nothing that is text sorts behind it at this place.
  return prefix === '' ? undefined : `${prefix}\u{10FFFF}`;
}

/** Keys in order. Inserting is a binary search and a move of memory, which stays cheap for the thousands a batch touches. */
export class SortedKeys {
  readonly #keys: string[];

  constructor(keys: Iterable<string>) {
    this.#keys = [...keys].sort(compareKeys);
  }

  /** The key must not be there yet. */
  insert(key: string): void {
    const last = this.#keys.at(-1);
    if (last === undefined || compareKeys(last, key) < 0) this.#keys.push(key);
    else this.#keys.splice(this.#lowerBound(key), 0, key);
  }

  /** Keys from `from` (included) to `to` (excluded). The list must not change while it is walked. */
  *between(from: string, to: string | undefined): Generator<string> {
    for (let at = this.#lowerBound(from); at < this.#keys.length; at++) {
      const key = this.#keys[at] as string;
      if (to !== undefined && compareKeys(key, to) >= 0) return;
      yield key;
    }
  }

  #lowerBound(key: string): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareKeys(this.#keys[middle] as string, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
