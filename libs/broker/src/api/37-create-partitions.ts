import { apis, errors } from '@millrace/wire';
import { handler } from '../handler.ts';
import { mayMutate, quotaUsedUp } from '../quotas/mutations.ts';
import { topicResource } from '../security/acl.ts';
import type { TopicRefusal } from '../topics.ts';

const QUOTA_TOLD_SINCE = 3;

/**
 * CreatePartitions 0–3. 3 is told when its quota of partitions is used up (KIP-599). `count` is the new total. Assignments, where given, are for each new partition, with as many
 * replicas as the old ones have. A topic that is named twice is refused, once.
 */
export const createPartitions = handler(apis.createPartitions, (parts, request, exchange) => {
  const byName = Map.groupBy(request.topics, ({ name }) => name);
  const results = Array.from(byName, ([name, [asked, ...others]]) => {
    if (asked === undefined || others.length > 0) {
      return { name, errorCode: errors.INVALID_REQUEST.code, errorMessage: `expected "${name}" once in the request` };
    }
    if (!exchange.access.may('ALTER', topicResource(name))) {
      const { code: errorCode, message: errorMessage } = errors.TOPIC_AUTHORIZATION_FAILED;
      return { name, errorCode, errorMessage };
    }
    const assignments = asked.assignments?.map(({ brokerIds }) => brokerIds);
    const unsound = parts.topics.refusalOfGrowth(name, asked.count, assignments);
    const added = asked.count - (parts.topics.find(name)?.partitions ?? 0);
    const isQuotaLeft = request.validateOnly || unsound !== null || mayMutate(parts, exchange, added, QUOTA_TOLD_SINCE);
    const grow = (): TopicRefusal | null => parts.topics.grow(name, asked.count, assignments);
    const refusal = isQuotaLeft ? (unsound ?? (request.validateOnly ? null : grow())) : quotaUsedUp;
    if (refusal === null) return { name, errorCode: errors.NONE.code };
    return { name, errorCode: errors[refusal.error].code, errorMessage: refusal.message };
  });
  exchange.reply({ results });
});
