import type { Run } from '../run.ts';
import { toText } from '../to-text.ts';
import { any, builtin, list, nullable, optional, orNull, signature, text, truncated, whole } from './define.ts';
import { matchesPattern, regularExpression, replacement } from './regular-expressions.ts';

/** Positions count characters, not halves of surrogate pairs, from 1, or from the end with a minus. */
export const textFunctions = [
  builtin(
    'substring',
    signature(
      'string, start position, length',
      [text, truncated, optional(truncated)],
      ([string, start, length], run) => {
        if (start === 0 || (length !== undefined && length < 1)) return undefined;
        const characters = charactersOf(string, run);
        const from = start > 0 ? start - 1 : characters.length + start;
        if (from < 0) return undefined;
        return characters.slice(from, length === undefined ? undefined : from + length).join('');
      },
    ),
  ),
  builtin(
    'string length',
    signature('string', [text], ([string], run) => charactersOf(string, run).length),
  ),
  builtin(
    'upper case',
    signature('string', [text], ([string], run) => paid(string.toUpperCase(), run)),
  ),
  builtin(
    'lower case',
    signature('string', [text], ([string], run) => paid(string.toLowerCase(), run)),
  ),
  builtin(
    'substring before',
    signature('string, match', [text, text], ([string, match]) => string.slice(0, Math.max(string.indexOf(match), 0))),
  ),
  builtin(
    'substring after',
    signature('string, match', [text, text], ([string, match]) => {
      const at = string.indexOf(match);
      return at === -1 ? '' : string.slice(at + match.length);
    }),
  ),
  builtin(
    'replace',
    signature(
      'input, pattern, replacement, flags',
      [text, text, text, nullable(text)],
      ([input, pattern, by, flags], run) => {
        const expression = regularExpression(pattern, flags ?? '', 'g');
        const write = replacement(by);
        if (expression === undefined || write === undefined || matchesNothing(expression)) return undefined;
        return paid(input.replace(expression, write), run);
      },
    ),
  ),
  builtin(
    'contains',
    signature('string, match', [text, text], ([string, match]) => string.includes(match)),
  ),
  builtin(
    'starts with',
    signature('string, match', [text, text], ([string, match]) => string.startsWith(match)),
  ),
  builtin(
    'ends with',
    signature('string, match', [text, text], ([string, match]) => string.endsWith(match)),
  ),
  builtin(
    'matches',
    signature('input, pattern, flags', [text, text, nullable(text)], ([input, pattern, flags]) =>
      matchesPattern(input, pattern, flags ?? ''),
    ),
  ),
  builtin(
    'split',
    signature('string, delimiter', [text, text], ([string, delimiter], run) => {
      const expression = regularExpression(delimiter, '', '');
      if (expression === undefined) return undefined;
      run.spend(string.length);
      return string.split(expression).map((part) => part ?? '');
    }),
  ),
  builtin(
    'extract',
    signature('string, pattern', [text, text], ([string, pattern], run) => {
      const expression = regularExpression(pattern, '', 'g');
      if (expression === undefined) return undefined;
      run.spend(string.length);
      return Array.from(string.matchAll(expression), ([match]) => match);
    }),
  ),
  builtin(
    'string join',
    signature('list, delimiter', [list, nullable(text)], ([items, delimiter], run) =>
      join(items, delimiter ?? '', '', '', run),
    ),
    signature(
      'list, delimiter, prefix, suffix',
      [list, orNull(text), orNull(text), orNull(text)],
      ([items, delimiter, prefix, suffix], run) => join(items, delimiter ?? '', prefix ?? '', suffix ?? '', run),
    ),
  ),
  builtin(
    'trim',
    signature('string', [text], ([string]) => string.trim()),
  ),
  builtin(
    'is blank',
    signature('string', [text], ([string]) => string.trim() === ''),
  ),
  builtin(
    'pad left',
    signature('string, length, character', [text, whole, optional(text)], ([string, length, character], run) => {
      run.spendText(Math.max(0, length));
      return string.padStart(length, character ?? ' ');
    }),
  ),
  builtin(
    'pad right',
    signature('string, length, character', [text, whole, optional(text)], ([string, length, character], run) => {
      run.spendText(Math.max(0, length));
      return string.padEnd(length, character ?? ' ');
    }),
  ),
  builtin(
    'to base64',
    signature('value', [text], ([value], run) => {
      run.spendText(value.length * 2);
      return new TextEncoder().encode(value).toBase64();
    }),
  ),
  builtin(
    'to json',
    signature('value', [any], ([value], run) => {
      // Writing it once in FEEL pays for it, and refuses what has no end.
      return toText(value, run) === undefined ? undefined : JSON.stringify(value);
    }),
  ),
  builtin(
    'from json',
    signature('value', [text], ([value], run) => {
      run.spend(value.length);
      try {
        return JSON.parse(value) as unknown;
      } catch {
        return undefined;
      }
    }),
  ),
];

function charactersOf(string: string, run: Run): string[] {
  run.spend(Math.ceil(string.length / 8));
  return Array.from(string);
}

function paid(string: string, run: Run): string {
  run.spendText(string.length);
  return string;
}

/** A pattern that matches the empty text matches everywhere: XPath, whose rules these are, forbids it. */
function matchesNothing(expression: RegExp): boolean {
  return new RegExp(expression.source, expression.flags.replace('g', '')).test('');
}

function join(
  items: readonly unknown[],
  delimiter: string,
  prefix: string,
  suffix: string,
  run: Run,
): string | undefined {
  run.spend(items.length);
  const texts = items.filter((item) => item !== null);
  if (!texts.every((item) => typeof item === 'string')) return undefined;
  const length = texts.reduce((sum, item) => sum + item.length + delimiter.length, prefix.length + suffix.length);
  run.spendText(length);
  return prefix + texts.join(delimiter) + suffix;
}
