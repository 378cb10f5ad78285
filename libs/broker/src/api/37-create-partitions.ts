import { apis, errors } from '@millrace/wire';
import { handler } from '../handler.ts';
import { NODE_ID } from '../parts.ts';
import { topicResource } from '../security/acl.ts';

/** CreatePartitions 0–3. `count` is the new total. Assignments, where given, must name this broker for each new one. */
export const createPartitions = handler(apis.createPartitions, (parts, request, exchange) => {
  const results = request.topics.map(({ name, count, assignments }) => {
    if (!exchange.access.may('ALTER', topicResource(name))) {
      const { code: errorCode, message: errorMessage } = errors.TOPIC_AUTHORIZATION_FAILED;
      return { name, errorCode, errorMessage };
    }
    const added = count - (parts.topics.find(name)?.partitions ?? 0);
    const isHere = assignments?.every(({ brokerIds }) => brokerIds.length === 1 && brokerIds[0] === NODE_ID) ?? true;
    if (!isHere || (assignments !== null && assignments.length !== added)) {
      const errorMessage = `expected broker ${NODE_ID} alone for each of ${added} new partitions`;
      return { name, errorCode: errors.INVALID_REPLICA_ASSIGNMENT.code, errorMessage };
    }
    const refusal = request.validateOnly ? parts.topics.refusalOfGrowth(name, count) : parts.topics.grow(name, count);
    if (refusal === null) return { name, errorCode: errors.NONE.code };
    return { name, errorCode: errors[refusal.error].code, errorMessage: refusal.message };
  });
  exchange.reply({ results });
});
