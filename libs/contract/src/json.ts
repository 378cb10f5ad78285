/**
 * The one way JSON from outside becomes a value, at REST and on the bus. What `JSON.parse` accepts silently and a
 * process would regret later is refused here with a reason:
 *
 * J1. A number whose decimal value a double cannot hold is refused: 12345678901234567890 would come back as another
 *     account number.
 * J2. Nesting is bounded, because everything that walks the value later is recursive.
 * J3. `__proto__` as a key is refused, because spreading or assigning such an object changes prototypes.
 * J4. Bytes that are not UTF-8 are refused instead of becoming replacement characters.
 */
import { limits } from './limits.ts';
import { isExact } from './json-numbers.ts';

export type JsonFault = {
  readonly code: 'NOT_JSON' | 'NOT_UTF8' | 'JSON_TOO_DEEP' | 'FORBIDDEN_KEY' | 'NUMBER_WOULD_ROUND';
  readonly message: string;
  /** JSON pointers to what is wrong, where there is a place. */
  readonly issues: readonly { readonly path: string; readonly message: string }[];
};

export type JsonResult = { readonly value: unknown } | { readonly fault: JsonFault };

// More than this many bad numbers are counted but not listed: an answer must stay readable and bounded.
const ISSUES_MAX = 20;

const utf8 = new TextDecoder('utf-8', { fatal: true });

export function parseJson(source: string | Uint8Array): JsonResult {
  let text: string;
  try {
    text = typeof source === 'string' ? source : utf8.decode(source);
  } catch {
    return fault('NOT_UTF8', 'expected JSON in UTF-8, found bytes that are not UTF-8'); // J4
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return fault('NOT_JSON', `expected JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const scan = scanText(text);
  if (scan.depth > limits.jsonDepthMax) {
    return fault('JSON_TOO_DEEP', `expected at most ${limits.jsonDepthMax} levels of nesting, found ${scan.depth}`); // J2
  }
  if (scan.isSuspicious) return inspect(text, value);
  return { value };
}

/** One pass over text that is known to be JSON: cheap enough for every body, precise only about depth. */
function scanText(text: string): { depth: number; isSuspicious: boolean } {
  let depth = 0;
  let deepest = 0;
  let isSuspicious = text.includes('__proto__');
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      for (at += 1; text.charCodeAt(at) !== 0x22; at += 1) {
        if (text.charCodeAt(at) !== 0x5c) continue;
        at += 1;
        // An escaped character can spell a forbidden key.
        if (text.charCodeAt(at) === 0x75) isSuspicious = true;
      }
    } else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if (code === 0x7d || code === 0x5d) {
      depth -= 1;
    } else if (code === 0x2d || (code >= 0x30 && code <= 0x39)) {
      const start = at;
      let hasExponent = false;
      for (at += 1; isNumberPart(text.charCodeAt(at)); at += 1) hasExponent ||= (text.charCodeAt(at) | 0x20) === 0x65;
      // Fifteen significant decimal digits always survive a double; longer ones and exponents are looked at closely.
      if (hasExponent || at - start > 15) isSuspicious = true;
      at -= 1;
    }
  }
  return { depth: deepest, isSuspicious };
}

function isNumberPart(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || code === 0x2e || code === 0x2b || code === 0x2d || (code | 0x20) === 0x65;
}

/** The slow look, with paths. Holders are visited children first, so a path is built from the parents found on the way. */
function inspect(text: string, value: unknown): JsonResult {
  const rounded: { holder: object; key: string; source: string }[] = [];
  const forbidden: object[] = [];
  const root = JSON.parse(text, function (this: object, key: string, inner: unknown, context?: { source?: string }) {
    if (key === '__proto__') forbidden.push(this);
    if (typeof inner === 'number' && context?.source !== undefined && !isExact(context.source, inner)) {
      rounded.push({ holder: this, key, source: context.source });
    }
    return key === '__proto__' ? undefined : inner;
  } as (this: object, key: string, value: unknown) => unknown);

  if (forbidden.length > 0) return fault('FORBIDDEN_KEY', 'expected no key named "__proto__" in the JSON'); // J3
  if (rounded.length === 0) return { value };
  const paths = pathsOf(root);
  const issues = rounded.slice(0, ISSUES_MAX).map(({ holder, key, source }) => {
    const parent = paths.get(holder);
    const path = parent === undefined ? '' : `${parent}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    return { path, message: `the number ${clip(source)} would become ${Number(source)}; send it as a string` };
  });
  const first = issues[0];
  return fault(
    'NUMBER_WOULD_ROUND',
    `expected numbers that a double holds exactly, found ${rounded.length} that it does not, first at "${first?.path ?? ''}": ${first?.message ?? ''}`,
    issues,
  ); // J1
}

function pathsOf(root: unknown): Map<object, string> {
  const paths = new Map<object, string>();
  const visit = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return;
    paths.set(value, path);
    for (const [key, inner] of Object.entries(value)) {
      visit(inner, `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`);
    }
  };
  visit(root, '');
  return paths;
}

const clip = (source: string): string => (source.length > 60 ? `${source.slice(0, 60)}…` : source);

function fault(code: JsonFault['code'], message: string, issues: JsonFault['issues'] = []): JsonResult {
  return { fault: { code, message, issues } };
}
