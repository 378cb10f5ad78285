import { translatePattern } from './xpath-pattern.ts';

/**
 * Patterns are those of XPath 2.0, run by JavaScript's. Flags: s, m, i, and x (white space in the pattern means nothing). They
 * backtrack, so that an expression that has one runs under the watchdog.
 */
export function regularExpression(pattern: string, flags: string, more: string): RegExp | undefined {
  if (!/^[smix]*$/.test(flags)) return undefined;
  const translated = translatePattern(pattern, flags.includes('x'));
  if (translated === undefined) return undefined;
  const unique = [...new Set(flags.replaceAll('x', ''))].join('');
  try {
    return new RegExp(translated.source, `${translated.hasSets ? 'v' : 'u'}${unique}${more}`);
  } catch {
    return undefined;
  }
}

/** Undefined for what is no pattern. */
export function matchesPattern(input: string, pattern: string, flags: string): boolean | undefined {
  return regularExpression(pattern, flags, '')?.test(input);
}

/** `$0` is the match, `$1` a group, `\$` a dollar; JavaScript writes the first and the last in other ways. */
export function replacement(text: string): string | undefined {
  if (/\\(?![\\$])/.test(text.replaceAll('\\\\', ''))) return undefined;
  return text.replaceAll(/\\\\|\\\$|\$0/g, (token) => (token === '$0' ? '$&' : token === '\\$' ? '$$' : '\\'));
}

/** The functions that use patterns. */
export const backtracking: ReadonlySet<string> = new Set(['matches', 'replace', 'split', 'extract']);
