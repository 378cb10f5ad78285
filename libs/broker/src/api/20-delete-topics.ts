import { apis, errors, type Request, type ResponseInput } from '@millrace/wire';
import type { Exchange } from '../exchange.ts';
import { handler } from '../handler.ts';
import type { Parts } from '../parts.ts';
import { mayMutate, quotaUsedUp } from '../quotas/mutations.ts';
import { clusterResource, topicResource } from '../security/acl.ts';
import type { TopicRefusal } from '../topics.ts';

const NO_TOPIC_ID = '00000000-0000-0000-0000-000000000000';

const QUOTA_TOLD_SINCE = 5;

/**
 * DeleteTopics 1–6. 5 brought error messages and is told when its quota of partitions is used up (KIP-599), 6 deletion by topic id.
 *
 * Takes DELETE on the cluster or on the topic. The name of an id is told only to who may describe the topic.
 *
 * Files, producer state and committed offsets go with the topic: one of the same name starts anew. A fetch that waits
 * for it hears UNKNOWN_TOPIC_OR_PARTITION at once. What is named twice is refused, once.
 */
export const deleteTopics = handler(apis.deleteTopics, (parts, request, exchange) => {
  const byName = request.topicNames.map((name): Asked => ({ name, topicId: NO_TOPIC_ID }));
  const asked = Map.groupBy([...byName, ...request.topics], ({ name, topicId }) => name ?? topicId);
  const responses = Array.from(asked.values(), ([first, ...others]) => {
    const { name, topicId } = first as Asked;
    const repeated: TopicRefusal = { error: 'INVALID_REQUEST', message: 'expected each topic once in the request' };
    return others.length > 0 ? refused(name, topicId, repeated) : remove(parts, exchange, name, topicId);
  });
  exchange.reply({ responses });
});

type Asking = Exchange<ResponseInput<typeof apis.deleteTopics>>;
type Asked = Request<typeof apis.deleteTopics>['topics'][number];
type Result = ResponseInput<typeof apis.deleteTopics>['responses'][number];

function remove(parts: Parts, exchange: Asking, name: string | null, topicId: string): Result {
  const { topics } = parts;
  const { access } = exchange;
  const hasId = topicId !== NO_TOPIC_ID;
  if (hasId === (name !== null)) {
    return refused(name, topicId, { error: 'INVALID_REQUEST', message: 'expected either a topic name or a topic id' });
  }
  const topic = name === null ? topics.findById(topicId) : topics.find(name);
  if (name === null && topic === undefined) {
    return refused(name, topicId, {
      error: 'UNKNOWN_TOPIC_ID',
      message: `expected a topic with id ${topicId} to exist`,
    });
  }
  const found = topic?.name ?? name ?? '';
  if (!access.sees('DELETE', clusterResource) && !access.may('DELETE', topicResource(found))) {
    const { message } = errors.TOPIC_AUTHORIZATION_FAILED;
    const isNamed = name !== null || access.sees('DESCRIBE', topicResource(found));
    return refused(isNamed ? found : null, topicId, { error: 'TOPIC_AUTHORIZATION_FAILED', message });
  }
  if (topic !== undefined && !mayMutate(parts, exchange, topic.partitions, QUOTA_TOLD_SINCE)) {
    return refused(found, topicId, quotaUsedUp);
  }
  const refusal = topics.delete(found);
  if (refusal !== null) return refused(found, topicId, refusal);
  return { name: found, topicId: topic?.id ?? topicId, errorCode: errors.NONE.code };
}

function refused(name: string | null, topicId: string, { error, message }: TopicRefusal): Result {
  return { name, topicId, errorCode: errors[error].code, errorMessage: message };
}
