import { type Acl, type Resource, type ResourceType, sameAcl, WILDCARD } from './acl.ts';

interface OfType {
  readonly literal: Map<string, Acl[]>;
  readonly prefixed: Map<string, Acl[]>;
  /** How many prefixes there are of each length. */
  readonly prefixLengths: Map<number, number>;
}

/** Every access rule, found by the resource it covers: by name, by `*`, and by each length that a prefix has. */
export class AclTable {
  readonly #types = new Map<ResourceType, OfType>();
  #count = 0;

  constructor(acls: readonly Acl[] = []) {
    for (const acl of acls) this.add(acl);
  }

  get count(): number {
    return this.#count;
  }

  all(): Acl[] {
    return [...this.#types.values()].flatMap(({ literal, prefixed }) =>
      [...literal.values(), ...prefixed.values()].flat(),
    );
  }

  ofType(type: ResourceType): Acl[] {
    const { literal, prefixed } = this.#ofType(type);
    return [...literal.values(), ...prefixed.values()].flat();
  }

  has(acl: Acl): boolean {
    return (
      this.#namesOf(acl)
        .get(acl.resourceName)
        ?.some((one) => sameAcl(one, acl)) === true
    );
  }

  /** Does nothing when the rule is there. */
  add(acl: Acl): void {
    if (this.has(acl)) return;
    const names = this.#namesOf(acl);
    const acls = names.get(acl.resourceName);
    this.#count++;
    if (acls === undefined) {
      names.set(acl.resourceName, [acl]);
      this.#countPrefix(acl, 1);
    } else {
      acls.push(acl);
    }
  }

  delete(acl: Acl): void {
    const names = this.#namesOf(acl);
    const acls = names.get(acl.resourceName) ?? [];
    const kept = acls.filter((one) => !sameAcl(one, acl));
    this.#count -= acls.length - kept.length;
    if (kept.length > 0) {
      names.set(acl.resourceName, kept);
    } else if (names.delete(acl.resourceName)) {
      this.#countPrefix(acl, -1);
    }
  }

  /** The rules that say something of this resource. */
  covering({ type, name }: Resource): Acl[] {
    const found: Acl[] = [];
    const { literal, prefixed, prefixLengths } = this.#ofType(type);
    found.push(...(literal.get(name) ?? []));
    if (name !== WILDCARD) found.push(...(literal.get(WILDCARD) ?? []));
    for (const length of prefixLengths.keys()) {
      if (length <= name.length) found.push(...(prefixed.get(name.slice(0, length)) ?? []));
    }
    return found;
  }

  #countPrefix({ resourceType, patternType, resourceName: { length } }: Acl, change: 1 | -1): void {
    if (patternType === 'LITERAL') return;
    const { prefixLengths } = this.#ofType(resourceType);
    const count = (prefixLengths.get(length) ?? 0) + change;
    if (count === 0) prefixLengths.delete(length);
    else prefixLengths.set(length, count);
  }

  #namesOf({ resourceType, patternType }: Acl): Map<string, Acl[]> {
    const { literal, prefixed } = this.#ofType(resourceType);
    return patternType === 'LITERAL' ? literal : prefixed;
  }

  #ofType(type: ResourceType): OfType {
    let found = this.#types.get(type);
    if (found === undefined) {
      found = { literal: new Map(), prefixed: new Map(), prefixLengths: new Map() };
      this.#types.set(type, found);
    }
    return found;
  }
}
