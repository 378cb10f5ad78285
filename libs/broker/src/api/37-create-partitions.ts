import { apis, errors } from '@millrace/wire';
import { handler } from '../handler.ts';
import { topicResource } from '../security/acl.ts';

/**
 * CreatePartitions 0–3. `count` is the new total. Assignments, where given, are for each new partition, with as many
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
    const refusal = request.validateOnly
      ? parts.topics.refusalOfGrowth(name, asked.count, assignments)
      : parts.topics.grow(name, asked.count, assignments);
    if (refusal === null) return { name, errorCode: errors.NONE.code };
    return { name, errorCode: errors[refusal.error].code, errorMessage: refusal.message };
  });
  exchange.reply({ results });
});
