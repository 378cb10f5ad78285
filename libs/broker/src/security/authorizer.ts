import {
  type Acl,
  type AclOperation,
  EVERYONE,
  impliedBy,
  operationsOf,
  aclOperations,
  type Resource,
  type ResourceType,
  WILDCARD,
} from './acl.ts';
import type { AclTable } from './acl-table.ts';

/** Who asks: `User:name`, and the address it comes from. */
export interface Caller {
  readonly principal: string;
  readonly host: string;
}

export interface AuthorizerOptions {
  readonly acls: AclTable;
  /** Principals that may do everything, whatever the rules say. */
  readonly superUsers: readonly string[];
  /** Whether a resource that no rule covers is open to everybody; otherwise to super users only. */
  readonly allowEveryoneIfNoAclFound: boolean;
}

/**
 * Decides who may do what. Pure: the answer follows from the rules and the question.
 *
 * A1. A super user may do everything.
 * A2. One denial that fits outweighs every permission.
 * A3. What no permission covers is refused. (`allowEveryoneIfNoAclFound` opens what no rule at all speaks of.)
 * A4. Permissions imply (`impliedBy`), denials do not.
 */
export class Authorizer {
  readonly acls: AclTable;
  readonly #superUsers: ReadonlySet<string>;
  readonly #allowEveryoneIfNoAclFound: boolean;

  constructor({ acls, superUsers, allowEveryoneIfNoAclFound }: AuthorizerOptions) {
    this.acls = acls;
    this.#superUsers = new Set(superUsers);
    this.#allowEveryoneIfNoAclFound = allowEveryoneIfNoAclFound;
  }

  allows(caller: Caller, operation: AclOperation, resource: Resource): boolean {
    if (this.#superUsers.has(caller.principal)) return true;
    const acls = this.acls.covering(resource);
    if (acls.length === 0) return this.#allowEveryoneIfNoAclFound;
    const own = acls.filter((acl) => concerns(acl, caller));
    if (own.some((acl) => acl.permission === 'DENY' && isAbout(acl, operation))) return false;
    const sufficient: readonly AclOperation[] = [operation, ...(impliedBy[operation] ?? [])];
    return own.some((acl) => acl.permission === 'ALLOW' && sufficient.some((one) => isAbout(acl, one)));
  }

  /** Whether there could be a resource of this type that the caller may do this to. */
  allowsAny(caller: Caller, operation: AclOperation, type: ResourceType): boolean {
    if (this.#superUsers.has(caller.principal)) return true;
    const own = this.acls.ofType(type).filter((acl) => concerns(acl, caller) && isAbout(acl, operation));
    const denials = own.filter(({ permission }) => permission === 'DENY');
    if (denials.some(({ patternType, resourceName }) => patternType === 'LITERAL' && resourceName === WILDCARD)) {
      return false;
    }
    if (this.#allowEveryoneIfNoAclFound) return true;
    return own.some((acl) => acl.permission === 'ALLOW' && !denials.some((denial) => swallows(denial, acl)));
  }

  /** The operations that are allowed on the resource, as bits (KIP-430). */
  operations(caller: Caller, resource: Resource): number {
    let bits = 0;
    for (const operation of operationsOf[resource.type]) {
      if (this.allows(caller, operation, resource)) bits |= 1 << aclOperations[operation];
    }
    return bits;
  }
}

function concerns(acl: Acl, { principal, host }: Caller): boolean {
  return (acl.principal === principal || acl.principal === EVERYONE) && (acl.host === host || acl.host === WILDCARD);
}

function isAbout(acl: Acl, operation: AclOperation): boolean {
  return acl.operation === operation || acl.operation === 'ALL';
}

/** Whether the denial takes away everything that the permission gives. */
function swallows(denial: Acl, permission: Acl): boolean {
  if (denial.patternType === 'PREFIXED') return permission.resourceName.startsWith(denial.resourceName);
  return permission.patternType === 'LITERAL' && denial.resourceName === permission.resourceName;
}
