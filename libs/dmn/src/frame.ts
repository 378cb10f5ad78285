import { type FeelType, type Names, Scope, isContext, isList, namesOf } from '@millrace/feel';

/** The variables at one place of a model, and the names of several words that a text there may use. */
export class Frame {
  readonly scope: Scope;
  readonly #types: ReadonlyMap<string, FeelType>;
  readonly #outer: Frame | undefined;
  #names: Names | undefined;

  constructor(
    values: Readonly<Record<string, unknown>>,
    types: ReadonlyMap<string, FeelType> = new Map(),
    outer?: Frame,
  ) {
    this.scope = outer === undefined ? new Scope(values) : outer.scope.within(values);
    this.#types = types;
    this.#outer = outer;
  }

  within(values: Readonly<Record<string, unknown>>, types?: ReadonlyMap<string, FeelType>): Frame {
    return new Frame(values, types, this);
  }

  get names(): Names {
    this.#names ??= namesOf(this.#sample());
    return this.#names;
  }

  /** A type knows names that a value may lack: `applicant.monthly income` must be read right when the applicant is null. */
  #sample(): Record<string, unknown> {
    const looks = { left: LOOKS_MAX };
    const sample: Record<string, unknown> = this.#outer === undefined ? {} : this.#outer.#sample();
    for (const [name, value] of Object.entries(this.scope.values))
      sample[name] = sampleOf(value, this.#types.get(name), 0, looks);
    return sample;
  }
}

const DEPTH_MAX = 10;
/** Types looked into: those that have the same part many times would make a sample without end. */
const LOOKS_MAX = 5_000;

function sampleOf(value: unknown, type: FeelType | undefined, depth: number, looks: { left: number }): unknown {
  looks.left -= 1;
  if (type === undefined || depth > DEPTH_MAX || looks.left < 0) return value;
  switch (type.kind) {
    case 'context': {
      const entries = type.entries.map(
        ([name, of]) => [name, sampleOf(entryOf(value, name), of, depth + 1, looks)] as const,
      );
      return { ...(isContext(value) ? value : undefined), ...Object.fromEntries(entries) };
    }
    case 'list':
      return isList(value) && value.length > 0 ? value : [sampleOf(null, type.of, depth + 1, looks)];
    case 'constrained':
      return sampleOf(value, type.base, depth, looks);
    default:
      return value;
  }
}

function entryOf(value: unknown, name: string): unknown {
  return isContext(value) && Object.hasOwn(value, name) ? value[name] : null;
}
