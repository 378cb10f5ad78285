/**
 * What an access rule says, in Kafka's words and numbers (KIP-11, KIP-290): who may, or may not, do what to which
 * resources, coming from where. The numbers are those of the wire.
 */
export const aclOperations = {
  ALL: 2,
  READ: 3,
  WRITE: 4,
  CREATE: 5,
  DELETE: 6,
  ALTER: 7,
  DESCRIBE: 8,
  CLUSTER_ACTION: 9,
  DESCRIBE_CONFIGS: 10,
  ALTER_CONFIGS: 11,
  IDEMPOTENT_WRITE: 12,
} as const;

export const resourceTypes = { TOPIC: 2, GROUP: 3, CLUSTER: 4, TRANSACTIONAL_ID: 5 } as const;
export const patternTypes = { LITERAL: 3, PREFIXED: 4 } as const;
export const permissionTypes = { DENY: 2, ALLOW: 3 } as const;

/** In filters only. */
export const ANY = 1;
/** Of pattern types, in filters only: every pattern that covers the name. */
export const MATCH = 2;

export const WILDCARD = '*';
export const CLUSTER_NAME = 'kafka-cluster';
export const EVERYONE = 'User:*';

export type AclOperation = keyof typeof aclOperations;
export type ResourceType = keyof typeof resourceTypes;
type PatternType = keyof typeof patternTypes;
type Permission = keyof typeof permissionTypes;

export interface Acl {
  readonly resourceType: ResourceType;
  /** A name, the start of names (PREFIXED), or `*` for all. */
  readonly resourceName: string;
  readonly patternType: PatternType;
  /** `User:name`, or `User:*` for everybody. */
  readonly principal: string;
  /** An address, or `*` for all. */
  readonly host: string;
  readonly operation: AclOperation;
  readonly permission: Permission;
}

/** Something that is acted on. */
export interface Resource {
  readonly type: ResourceType;
  readonly name: string;
}

export const topicResource = (name: string): Resource => ({ type: 'TOPIC', name });
export const groupResource = (name: string): Resource => ({ type: 'GROUP', name });
export const transactionalIdResource = (name: string): Resource => ({ type: 'TRANSACTIONAL_ID', name });
export const clusterResource: Resource = { type: 'CLUSTER', name: CLUSTER_NAME };

/** What can be done to each kind of resource; nothing else can be granted on it. */
export const operationsOf: Readonly<Record<ResourceType, readonly AclOperation[]>> = {
  TOPIC: ['READ', 'WRITE', 'CREATE', 'DELETE', 'ALTER', 'DESCRIBE', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'],
  GROUP: ['READ', 'DELETE', 'DESCRIBE', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'],
  CLUSTER: ['CREATE', 'ALTER', 'DESCRIBE', 'CLUSTER_ACTION', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS', 'IDEMPOTENT_WRITE'],
  TRANSACTIONAL_ID: ['WRITE', 'DESCRIBE'],
};

/** Who is allowed one of these is allowed the operation, too. Denials imply nothing. */
export const impliedBy: Readonly<Partial<Record<AclOperation, readonly AclOperation[]>>> = {
  DESCRIBE: ['READ', 'WRITE', 'DELETE', 'ALTER'],
  DESCRIBE_CONFIGS: ['ALTER_CONFIGS'],
};

export function sameAcl(left: Acl, right: Acl): boolean {
  return (
    left.resourceType === right.resourceType &&
    left.resourceName === right.resourceName &&
    left.patternType === right.patternType &&
    left.principal === right.principal &&
    left.host === right.host &&
    left.operation === right.operation &&
    left.permission === right.permission
  );
}
