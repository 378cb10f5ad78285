/**
 * What a pattern of XPath (XML Schema 1.1, part 2, G) writes in another way than one of JavaScript: classes less others (`[a-z-[aeiou]]`),
 * blocks of Unicode (`\p{IsBasicLatin}`), the characters of XML's names (`\i`, `\c`). Everything else is left for JavaScript to judge.
 */
export interface Translated {
  readonly source: string;
  /** Whether it has classes within classes, which JavaScript reads with the flag `v` only. */
  readonly hasSets: boolean;
}

/** Undefined for what is no pattern. */
export function translatePattern(pattern: string, isSpaced: boolean): Translated | undefined {
  const plain = isSpaced ? withoutSpace(pattern) : pattern;
  const hasSets = SUBTRACTION.test(plain);
  let source = '';
  for (let at = 0; at < plain.length; ) {
    const part = plain[at] === '[' && hasSets ? readClass(plain, at, 0) : readAtom(plain, at, false);
    if (part === undefined) return undefined;
    source += part.source;
    at = part.end;
  }
  return { source, hasSets };
}

/** Within a class: `[0-9]-[0-9]` is none. */
const SUBTRACTION = /\[(?:[^\]\\]|\\.)*-\[/s;
/** Classes within classes: each is a recursion. */
const DEPTH_MAX = 20;

interface Part {
  readonly source: string;
  /** Where the next part begins. */
  readonly end: number;
}

/** An escape or a character. `isInSet`: between the brackets of a class that is read with the flag `v`. */
function readAtom(pattern: string, at: number, isInSet: boolean): Part | undefined {
  const character = pattern[at] as string;
  if (character !== '\\') {
    return { source: isInSet && PUNCTUATION.test(character) ? `\\${character}` : character, end: at + 1 };
  }
  const escape = ESCAPE.exec(pattern.slice(at))?.[0];
  // XPath counts groups from 1, and knows no character by its number.
  if (escape === undefined || escape === '\\0') return undefined;
  const source = translateEscape(escape);
  return source === undefined ? undefined : { source, end: at + escape.length };
}

const ESCAPE = /^\\(?:[pP]\{[^}]*\}|.)/su;
/** What means something, or may come to mean something, between brackets; escaped, it is itself. */
const PUNCTUATION = /[&!#%,:;<=>@`~$.*+?(){}|/]/;

const NAME_START = '_:\\p{L}';
const NAME = `${NAME_START}\\p{N}\\p{M}.\\-`;
const names: Readonly<Record<string, string>> = {
  '\\i': `[${NAME_START}]`,
  '\\I': `[^${NAME_START}]`,
  '\\c': `[${NAME}]`,
  '\\C': `[^${NAME}]`,
};

function translateEscape(escape: string): string | undefined {
  const named = names[escape];
  if (named !== undefined) return named;
  const [, sign, block] = /^\\([pP])\{Is(.*)\}$/.exec(escape) ?? [];
  if (block === undefined) return escape;
  const range = blocks[block];
  return range === undefined ? undefined : `[${sign === 'P' ? '^' : ''}${range}]`;
}

/** Unicode has some 300 blocks; these are those that patterns of texts are about. */
const blocks: Readonly<Record<string, string>> = {
  BasicLatin: '\\u0000-\\u007F',
  'Latin-1Supplement': '\\u0080-\\u00FF',
  'LatinExtended-A': '\\u0100-\\u017F',
  'LatinExtended-B': '\\u0180-\\u024F',
  IPAExtensions: '\\u0250-\\u02AF',
  CombiningDiacriticalMarks: '\\u0300-\\u036F',
  Greek: '\\u0370-\\u03FF',
  GreekandCoptic: '\\u0370-\\u03FF',
  Cyrillic: '\\u0400-\\u04FF',
  Armenian: '\\u0530-\\u058F',
  Hebrew: '\\u0590-\\u05FF',
  Arabic: '\\u0600-\\u06FF',
  Devanagari: '\\u0900-\\u097F',
  Thai: '\\u0E00-\\u0E7F',
  LatinExtendedAdditional: '\\u1E00-\\u1EFF',
  GeneralPunctuation: '\\u2000-\\u206F',
  CurrencySymbols: '\\u20A0-\\u20CF',
  Hiragana: '\\u3040-\\u309F',
  Katakana: '\\u30A0-\\u30FF',
  CJKUnifiedIdeographs: '\\u4E00-\\u9FFF',
  HangulSyllables: '\\uAC00-\\uD7AF',
};

/** `[a-z-[aeiou]]` is `[[a-z]--[aeiou]]` in JavaScript. */
function readClass(pattern: string, start: number, depth: number): Part | undefined {
  if (depth > DEPTH_MAX) return undefined;
  const isNegated = pattern[start + 1] === '^';
  let items = '';
  let at = start + (isNegated ? 2 : 1);
  while (at < pattern.length) {
    if (pattern[at] === ']') return { source: `[${isNegated ? '^' : ''}${items}]`, end: at + 1 };
    if (pattern.startsWith('-[', at)) {
      const less = readClass(pattern, at + 1, depth + 1);
      if (less === undefined || pattern[less.end] !== ']') return undefined;
      return { source: `[[${isNegated ? '^' : ''}${items}]--${less.source}]`, end: less.end + 1 };
    }
    const atom = readAtom(pattern, at, true);
    if (atom === undefined) return undefined;
    items += atom.source;
    at = atom.end;
  }
  return undefined;
}

/** Not in classes, where a space is one. */
function withoutSpace(pattern: string): string {
  let depth = 0;
  let plain = '';
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern[at] as string;
    if (character === '\\' && !/\s/.test(pattern[at + 1] ?? '')) {
      plain += character + (pattern[++at] ?? '');
      continue;
    }
    if (character === '[') depth += 1;
    if (character === ']') depth -= 1;
    if (depth > 0 || !/\s/.test(character)) plain += character;
  }
  return plain;
}
