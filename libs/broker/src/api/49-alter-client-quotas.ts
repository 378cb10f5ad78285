import { apis, type ErrorName, errors, type Request } from '@millrace/wire';
import { handler } from '../handler.ts';
import { entityOf, keyOfEntity, type QuotaRefusal, refusalOfQuota } from '../quotas/quota-entity.ts';
import type { Quota, QuotaStore } from '../quotas/quota-store.ts';
import { clusterResource } from '../security/acl.ts';

/**
 * AlterClientQuotas 0–1 (KIP-546). Quotas take effect at once, and are durable before the answer. Each entity by itself, but for the
 * number of them: beyond `quotasMax` none of the request is changed. An entity that is named twice is refused. Takes
 * ALTER_CONFIGS on the cluster.
 */
export const alterClientQuotas = handler(apis.alterClientQuotas, ({ quotas }, { entries, validateOnly }, exchange) => {
  const isAllowed = exchange.access.may('ALTER_CONFIGS', clusterResource);
  const counts = new Map<string, number>();
  const changes = entries.map((entry) => (isAllowed ? changeOf(quotas.store, entry) : unauthorised));
  for (const change of changes) {
    if ('error' in change) continue;
    const key = keyOfEntity(change.entity);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const checked = changes.map((change) =>
    'error' in change || counts.get(keyOfEntity(change.entity)) === 1 ? change : repeated,
  );
  const sound = checked.filter((change): change is Quota => !('error' in change));
  const failure = validateOnly || sound.length === 0 ? null : quotas.store.set(sound);
  exchange.reply({
    entries: checked.map((change, index) => {
      const refusal = 'error' in change ? change : failure;
      const error: ErrorName = refusal?.error ?? 'NONE';
      const { entity } = entries[index] ?? { entity: [] };
      return { errorCode: errors[error].code, errorMessage: refusal?.message ?? null, entity };
    }),
  });
});

const { message } = errors.CLUSTER_AUTHORIZATION_FAILED;
const unauthorised: QuotaRefusal = { error: 'CLUSTER_AUTHORIZATION_FAILED', message };
const repeated: QuotaRefusal = { error: 'INVALID_REQUEST', message: 'expected each entity once in the request' };

type Entry = Request<typeof apis.alterClientQuotas>['entries'][number];

/** What is limited of the entity after its changes: all of them or none. */
function changeOf(store: QuotaStore, { entity: named, ops }: Entry): Quota | QuotaRefusal {
  const entity = entityOf(named);
  if ('error' in entity) return entity;
  // A map, since names come from clients.
  const values = new Map(Object.entries(store.valuesOf(entity)));
  const seen = new Set<string>();
  for (const { key, value, remove } of ops) {
    const refusal = refusalOfQuota(entity, key, remove ? null : value);
    if (refusal !== null) return refusal;
    if (seen.has(key)) return { error: 'INVALID_REQUEST', message: `expected ${key} once for an entity` };
    seen.add(key);
    if (remove) values.delete(key);
    else values.set(key, value);
  }
  return { entity, values: Object.fromEntries(values) };
}
