import type { ErrorName } from '@millrace/wire';

/** Whom a quota is about: a name of each type that it has, null for whoever has no quota of its own (KIP-546). */
export interface QuotaEntity {
  readonly user?: string | null;
  readonly 'client-id'?: string | null;
  /** Where connections come from; alone. */
  readonly ip?: string | null;
}

export type EntityType = keyof QuotaEntity;

export interface QuotaRefusal {
  readonly error: ErrorName;
  readonly message: string;
}

export const entityTypes: readonly EntityType[] = ['user', 'client-id', 'ip'];

/** What can be limited, and whether only by whole numbers. Bytes, partitions and connections per second; percent of a processor. */
const ofClients: Readonly<Record<string, boolean>> = {
  producer_byte_rate: true,
  consumer_byte_rate: true,
  request_percentage: false,
  controller_mutation_rate: false,
};
const ofAddresses: Readonly<Record<string, boolean>> = { connection_creation_rate: true };

export function isEntityType(text: string): text is EntityType {
  return (entityTypes as readonly string[]).includes(text);
}

/** The entity that a request names, or what is wrong with it. */
export function entityOf(
  parts: readonly { readonly entityType: string; readonly entityName: string | null }[],
): QuotaEntity | QuotaRefusal {
  const entity: Partial<Record<EntityType, string | null>> = {};
  for (const { entityType, entityName } of parts) {
    if (!isEntityType(entityType)) return invalid(`expected ${entityTypes.join(', ')}, found "${entityType}"`);
    if (entityType in entity) return invalid(`expected ${entityType} once for an entity`);
    if (entityName === '') return invalid(`expected a name or null as ${entityType}, found an empty one`);
    entity[entityType] = entityName;
  }
  if (parts.length === 0) return invalid('expected an entity, found nothing');
  if ('ip' in entity && parts.length > 1) return invalid('expected ip alone in an entity');
  return entity;
}

/** What is wrong with limiting this of the entity to so much; null when nothing is. */
export function refusalOfQuota(entity: QuotaEntity, key: string, value: number | null): QuotaRefusal | null {
  const keys = 'ip' in entity ? ofAddresses : ofClients;
  const isWhole = Object.hasOwn(keys, key) ? keys[key] : undefined;
  if (isWhole === undefined) return invalid(`expected ${Object.keys(keys).join(', ')}, found "${key}"`);
  if (value === null) return null;
  if (!(value > 0) || !Number.isFinite(value)) return invalid(`expected ${key} to be above 0, found ${value}`);
  if (isWhole && !Number.isSafeInteger(value)) return invalid(`expected ${key} to be a whole number, found ${value}`);
  return null;
}

/** The same text for the same entity, and no other: names may hold anything. */
export function keyOfEntity(entity: QuotaEntity): string {
  return JSON.stringify(entityTypes.map((type) => (type in entity ? [entity[type]] : [])));
}

function invalid(message: string): QuotaRefusal {
  return { error: 'INVALID_REQUEST', message };
}
