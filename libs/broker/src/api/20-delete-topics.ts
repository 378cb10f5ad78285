import { apis, errors } from '@millrace/wire';
import { handler } from '../handler.ts';
import { clusterResource, topicResource } from '../security/acl.ts';

const NO_TOPIC_ID = '00000000-0000-0000-0000-000000000000';

/**
 * DeleteTopics 1–6. 5 brought error messages, 6 deletion by topic id.
 *
 * Takes DELETE on the cluster or on the topic. The name of an id is told only to who may describe the topic.
 *
 * Files, producer state and committed offsets go with the topic: one of the same name starts anew. A fetch that waits
 * for it hears UNKNOWN_TOPIC_OR_PARTITION at once.
 */
export const deleteTopics = handler(apis.deleteTopics, (parts, request, exchange) => {
  const byName = request.topicNames.map((name) => ({ name, topicId: NO_TOPIC_ID }));
  const responses = [...byName, ...request.topics].map(({ name, topicId }) => {
    const topic = name === null ? parts.topics.all().find(({ id }) => id === topicId) : parts.topics.find(name);
    if (name === null && topic === undefined) {
      const errorMessage = `expected a topic with id ${topicId} to exist`;
      return { name, topicId, errorCode: errors.UNKNOWN_TOPIC_ID.code, errorMessage };
    }
    const found = topic?.name ?? name ?? '';
    const { access } = exchange;
    const isNamed = name !== null || access.sees('DESCRIBE', topicResource(found));
    if (!access.sees('DELETE', clusterResource) && !access.may('DELETE', topicResource(found))) {
      const { code: errorCode, message: errorMessage } = errors.TOPIC_AUTHORIZATION_FAILED;
      return { name: isNamed ? found : null, topicId, errorCode, errorMessage };
    }
    const refusal = parts.topics.delete(found);
    if (refusal !== null) {
      return { name: found, topicId, errorCode: errors[refusal.error].code, errorMessage: refusal.message };
    }
    return { name: found, topicId: topic?.id ?? topicId, errorCode: errors.NONE.code };
  });
  exchange.reply({ responses });
});
