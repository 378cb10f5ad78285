import type { OffsetDeleteResponse } from '@millrace/coordinator';
import { apis, errors } from '@millrace/wire';
import { handler } from '../handler.ts';
import { groupResource } from '../security/acl.ts';
import { failPartitions, splitTopics } from '../security/split-topics.ts';

/**
 * OffsetDelete 0 (KIP-496). Refused per topic with GROUP_SUBSCRIBED_TO_TOPIC while a member reads it, and as a whole for a
 * group that is not there (GROUP_ID_NOT_FOUND) or whose members' subscriptions cannot be told (NON_EMPTY_GROUP). Takes
 * DELETE on the group and READ on each topic.
 */
export const offsetDelete = handler(apis.offsetDelete, (parts, request, exchange) => {
  const { groupId } = request;
  if (!exchange.access.may('DELETE', groupResource(groupId))) {
    exchange.reply({ errorCode: errors.GROUP_AUTHORIZATION_FAILED.code, topics: [] });
    return;
  }
  const { allowed, refused } = splitTopics(exchange.access, 'READ', request.topics);
  const failed = failPartitions(refused, errors.TOPIC_AUTHORIZATION_FAILED.code);
  parts.groups.of(groupId).call<OffsetDeleteResponse>(
    exchange,
    (groups, caller, now) => groups.offsetDelete({ groupId, topics: allowed }, caller, now),
    ({ errorCode, topics }) => exchange.reply({ errorCode, topics: [...topics, ...failed] }),
  );
});
