import { ANY, type FeelType, isContext } from '@millrace/feel';

/** What a decision requires, by name, with what is known of its types. What is imported is in a context by the name of the import. */
export class RequiredValues {
  readonly values: Record<string, unknown> = {};
  readonly types = new Map<string, FeelType>();

  /** Of several names, the first is the element's own; the others give way to those that are there. */
  add(qualifier: string | undefined, names: readonly string[], type: FeelType, value: unknown): void {
    const place = qualifier === undefined ? this.values : this.#within(qualifier);
    for (const [index, name] of names.entries()) {
      if (index > 0 && Object.hasOwn(place, name)) continue;
      define(place, name, value);
      if (type === ANY) continue;
      if (qualifier === undefined) this.types.set(name, type);
      else this.types.set(qualifier, withEntry(this.types.get(qualifier), name, type));
    }
  }

  #within(qualifier: string): Record<string, unknown> {
    const known = Object.hasOwn(this.values, qualifier) ? this.values[qualifier] : undefined;
    if (isContext(known)) return known;
    const made: Record<string, unknown> = {};
    define(this.values, qualifier, made);
    return made;
  }
}

function withEntry(type: FeelType | undefined, name: string, of: FeelType): FeelType {
  return { kind: 'context', entries: [...(type?.kind === 'context' ? type.entries : []), [name, of]] };
}

/** A name `__proto__` is a name. */
function define(values: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(values, name, { value, enumerable: true, configurable: true, writable: true });
}

/** The values, where one import gives both values and functions with the functions in its context. */
export function besideFunctions(
  values: Readonly<Record<string, unknown>>,
  functions: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const both = Object.entries(values).filter(
    ([name, value]) => isContext(value) && Object.hasOwn(functions, name) && isContext(functions[name]),
  );
  if (both.length === 0) return values;
  const merged = both.map(([name, value]) => [name, { ...(functions[name] as object), ...(value as object) }]);
  return { ...values, ...Object.fromEntries(merged) };
}
