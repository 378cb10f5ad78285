import {
  type Acl,
  aclOperations,
  ANY,
  CLUSTER_NAME,
  MATCH,
  patternTypes,
  permissionTypes,
  resourceTypes,
  WILDCARD,
} from './acl.ts';

/** A rule as it travels. */
export interface WireAcl {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly patternType: number;
  readonly principal: string;
  readonly host: string;
  readonly operation: number;
  readonly permissionType: number;
}

/** As a rule; null stands for any name, 1 for any type. */
export interface WireAclFilter extends Omit<WireAcl, 'resourceName' | 'principal' | 'host'> {
  readonly resourceName: string | null;
  readonly principal: string | null;
  readonly host: string | null;
}

export function wireAclOf(acl: Acl): WireAcl {
  const { resourceName, principal, host } = acl;
  return {
    resourceType: resourceTypes[acl.resourceType],
    resourceName,
    patternType: patternTypes[acl.patternType],
    principal,
    host,
    operation: aclOperations[acl.operation],
    permissionType: permissionTypes[acl.permission],
  };
}

const NAME_LENGTH_MAX = 1_024;

/** The rule, or a sentence on what is wrong with it. */
export function aclOf(wire: WireAcl): Acl | string {
  const resourceType = keyOf(resourceTypes, wire.resourceType);
  const patternType = keyOf(patternTypes, wire.patternType);
  const operation = keyOf(aclOperations, wire.operation);
  const permission = keyOf(permissionTypes, wire.permissionType);
  const { resourceName, principal, host } = wire;
  if (resourceType === undefined) {
    return `expected resource type 2 (topic), 3 (group), 4 (cluster) or 5 (transactional id), found ${wire.resourceType}`;
  }
  if (patternType === undefined) return `expected pattern type 3 (literal) or 4 (prefixed), found ${wire.patternType}`;
  if (operation === undefined) return `expected an operation from 2 to 12, found ${wire.operation}`;
  if (permission === undefined) return `expected permission type 2 (deny) or 3 (allow), found ${wire.permissionType}`;
  if (resourceName === '' || resourceName.length > NAME_LENGTH_MAX) {
    return `expected a resource name of 1 to ${NAME_LENGTH_MAX} characters, found ${resourceName.length}`;
  }
  if (resourceType === 'CLUSTER' && resourceName !== CLUSTER_NAME) {
    return `expected "${CLUSTER_NAME}" as the name of the cluster, found "${resourceName}"`;
  }
  if (!/^User:./s.test(principal) || principal.length > NAME_LENGTH_MAX) {
    return `expected a principal such as "User:alice", found "${principal.slice(0, NAME_LENGTH_MAX)}"`;
  }
  if (host === '' || host.length > NAME_LENGTH_MAX) {
    return `expected an address or "*" as host, found "${host.slice(0, NAME_LENGTH_MAX)}"`;
  }
  return { resourceType, resourceName, patternType, principal, host, operation, permission };
}

/** What is wrong with the filter; null when nothing is. */
export function problemOfFilter({
  resourceType,
  patternType,
  operation,
  permissionType,
}: WireAclFilter): string | null {
  // 0 is "unknown": what a client sends for something newer than itself.
  for (const [what, value] of Object.entries({ resourceType, patternType, operation, permissionType })) {
    if (value < ANY) return `expected a known ${what} or 1 for any, found ${value}`;
  }
  return null;
}

export function matches(filter: WireAclFilter, acl: Acl): boolean {
  const wire = wireAclOf(acl);
  return (
    fits(filter.resourceType, wire.resourceType) &&
    fits(filter.operation, wire.operation) &&
    fits(filter.permissionType, wire.permissionType) &&
    (filter.principal === null || filter.principal === acl.principal) &&
    (filter.host === null || filter.host === acl.host) &&
    matchesPattern(filter, acl, wire.patternType)
  );
}

function matchesPattern({ patternType, resourceName: name }: WireAclFilter, acl: Acl, found: number): boolean {
  if (patternType !== ANY && patternType !== MATCH && patternType !== found) return false;
  if (name === null) return true;
  if (patternType !== MATCH) return name === acl.resourceName;
  if (acl.patternType === 'PREFIXED') return name.startsWith(acl.resourceName);
  return name === acl.resourceName || acl.resourceName === WILDCARD;
}

function fits(wanted: number, found: number): boolean {
  return wanted === ANY || wanted === found;
}

function keyOf<Name extends string>(table: Readonly<Record<Name, number>>, value: number): Name | undefined {
  return (Object.keys(table) as Name[]).find((name) => table[name] === value);
}
