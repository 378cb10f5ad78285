import { apis, errors, type Request } from '@millrace/wire';
import { handler } from '../handler.ts';
import { entityTypes, isEntityType, type QuotaRefusal } from '../quotas/quota-entity.ts';
import type { EntityFilter, Quota } from '../quotas/quota-store.ts';
import { clusterResource } from '../security/acl.ts';

/** How a component of the filter matches. */
const NAME = 0;
const DEFAULT = 1;
const ANY = 2;

/** DescribeClientQuotas 0–1 (KIP-546): what was set, of the entities that fit. Takes DESCRIBE_CONFIGS on the cluster. */
export const describeClientQuotas = handler(apis.describeClientQuotas, ({ quotas }, request, exchange) => {
  const isAllowed = exchange.access.may('DESCRIBE_CONFIGS', clusterResource);
  const filter = isAllowed ? filterOf(request.components) : unauthorised;
  if ('error' in filter) {
    exchange.reply({ errorCode: errors[filter.error].code, errorMessage: filter.message, entries: null });
    return;
  }
  const entries = quotas.store.find(filter.parts, request.strict).map(entryOf);
  exchange.reply({ errorCode: errors.NONE.code, errorMessage: null, entries });
});

const { message } = errors.CLUSTER_AUTHORIZATION_FAILED;
const unauthorised: QuotaRefusal = { error: 'CLUSTER_AUTHORIZATION_FAILED', message };

type Component = Request<typeof apis.describeClientQuotas>['components'][number];

function filterOf(components: readonly Component[]): { readonly parts: EntityFilter[] } | QuotaRefusal {
  const types = components.map(({ entityType }) => entityType);
  const unknown = types.find((type) => !isEntityType(type));
  if (unknown !== undefined) {
    return { error: 'UNSUPPORTED_VERSION', message: `expected ${entityTypes.join(', ')}, found "${unknown}"` };
  }
  const parts: EntityFilter[] = [];
  for (const { entityType: type, matchType, match } of components) {
    if (matchType < NAME || matchType > ANY || (matchType === NAME) !== (match !== null)) {
      return invalid(`expected a name with match type 0, and none with 1 and 2, found ${matchType} for ${type}`);
    }
    parts.push({ type, name: matchType === NAME ? match : matchType === DEFAULT ? null : undefined });
  }
  if (new Set(types).size < types.length) return invalid('expected each type once in a filter');
  if (types.includes('ip') && types.length > 1) return invalid('expected ip alone in a filter');
  return { parts };
}

function invalid(problem: string): QuotaRefusal {
  return { error: 'INVALID_REQUEST', message: problem };
}

function entryOf({ entity, values }: Quota) {
  return {
    entity: entityTypes
      .filter((entityType) => entityType in entity)
      .map((entityType) => ({ entityType, entityName: entity[entityType] ?? null })),
    values: Object.entries(values).map(([key, value]) => ({ key, value })),
  };
}
