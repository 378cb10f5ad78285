/**
 * Bytes that a value takes as JSON in UTF-8, counted without writing it. Control characters count as six (their longest
 * escape), so that the true size is never above.
 */
export function jsonSize(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return textSize(value);
    case 'number':
      return String(value).length;
    case 'boolean':
      return value ? 4 : 5;
    case 'object':
      if (value === null) return 4;
      return Array.isArray(value) ? arraySize(value) : entriesSize(value as Readonly<Record<string, unknown>>);
    default:
      return 4;
  }
}

/** A variable within its scope: `"name":value,`. */
export function entrySize(name: string, value: unknown): number {
  return textSize(name) + jsonSize(value) + 2;
}

/** The braces count as the last comma and one more. */
export function entriesSize(entries: Readonly<Record<string, unknown>>): number {
  let size = 2;
  for (const name in entries) size += entrySize(name, entries[name]);
  return size;
}

function arraySize(items: readonly unknown[]): number {
  let size = 2;
  for (const item of items) size += jsonSize(item) + 1;
  return size;
}

function textSize(text: string): number {
  let size = 2 + text.length;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < 0x20) size += 5;
    else if (unit === 0x22 || unit === 0x5c) size += 1;
    else if (unit >= 0x800)
      size += 2; // A surrogate pair is four bytes: counted as six, which is what a lone one takes escaped.
    else if (unit >= 0x80) size += 1;
  }
  return size;
}
