import { type FeelContext, entryOf, isContext, isList, isSimpleName } from './values.ts';

/** The variables an expression sees: those of its loop, filter or function hide those around it. */
export class Scope {
  readonly values: FeelContext;
  readonly outer: Scope | undefined;
  #names: Names | undefined;

  constructor(values: FeelContext, outer?: Scope) {
    this.values = values;
    this.outer = outer;
  }

  /** Undefined when there is none; `name` is in normal form. */
  find(name: string): unknown {
    const found = entryOf(this.values, name);
    return found === undefined ? this.outer?.find(name) : found;
  }

  within(values: FeelContext): Scope {
    return new Scope(values, this);
  }

  get names(): Names {
    this.#names ??= namesIn(this);
    return this.#names;
  }
}

/**
 * The names of several words (`first name`, `a-b`) that a text may speak of. `a-b` is one name or a subtraction: only these can
 * tell, so that they decide how a text is read.
 */
export interface Names {
  /** The same key, the same reading of every text. Empty when all names are single words. */
  readonly key: string;
  readonly shape: Readonly<Record<string, unknown>>;
}

/** Lists of contexts have mostly the same names in each; those that come late may be missed in favour of a bound. */
const ITEMS_LOOKED_AT_MAX = 100;
const DEPTH_MAX = 20;
/** Lists and contexts looked into, counted each time that they are met. */
const LOOKS_MAX = 20_000;

/** What is left of the looks. */
interface Looks {
  left: number;
}

function namesIn(scope: Scope): Names {
  const shape: Record<string, unknown> = {};
  const looks = { left: LOOKS_MAX };
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
    for (const [name, inner] of Object.entries(shapeOfContext(at.values, 0, looks) ?? {})) {
      if (!Object.hasOwn(shape, name)) shape[name] = inner;
    }
  }
  return { key: Object.keys(shape).length === 0 ? '' : JSON.stringify(shape), shape };
}

type Shape = Record<string, unknown>;

/** Only what matters: names of several words, and names under which there are such. */
function shapeOfContext(context: FeelContext, depth: number, looks: Looks): Shape | undefined {
  looks.left -= 1;
  if (depth >= DEPTH_MAX || looks.left < 0) return undefined;
  let shape: Shape | undefined;
  for (const [name, value] of Object.entries(context)) {
    const inner = shapeOf(value, depth + 1, looks);
    if (inner === undefined && isSimpleName(name)) continue;
    shape ??= {};
    Object.defineProperty(shape, name, { value: inner ?? null, enumerable: true, configurable: true, writable: true });
  }
  return shape;
}

function shapeOf(value: unknown, depth: number, looks: Looks): unknown {
  if (isContext(value)) return shapeOfContext(value, depth, looks);
  looks.left -= 1;
  if (!isList(value) || depth >= DEPTH_MAX || looks.left < 0) return undefined;
  let merged: Shape | undefined;
  for (const item of value.slice(0, ITEMS_LOOKED_AT_MAX)) {
    const inner = shapeOf(item, depth + 1, looks);
    if (inner !== undefined) merged = { ...merged, ...(Array.isArray(inner) ? inner[0] : inner) };
  }
  return merged === undefined ? undefined : [merged];
}

/** A shape as `Names`, for a caller that knows the names before there are values. */
export function namesOf(shape: Readonly<Record<string, unknown>>): Names {
  return new Scope(shape).names;
}
