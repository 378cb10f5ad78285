import type { OffsetCommitResponse } from '@millrace/coordinator';
import { apis, errors } from '@millrace/wire';
import { handler } from '../handler.ts';
import { groupResource } from '../security/acl.ts';
import { failPartitions, splitTopics } from '../security/split-topics.ts';

/**
 * OffsetCommit 2–9. 5 dropped the retention time (and it has no effect before, either), 6 brought leader epochs, 7 static
 * members, 9 GROUP_ID_NOT_FOUND for a generation of a group that is not there. The answer comes when the offsets are durable (B2).
 */
export const offsetCommit = handler(apis.offsetCommit, (parts, request, exchange) => {
  if (!exchange.access.may('READ', groupResource(request.groupId))) {
    exchange.reply({ topics: failPartitions(request.topics, errors.GROUP_AUTHORIZATION_FAILED.code) });
    return;
  }
  const { allowed, refused } = splitTopics(exchange.access, 'READ', request.topics);
  const failed = failPartitions(refused, errors.TOPIC_AUTHORIZATION_FAILED.code);
  parts.groups.of(request.groupId).call<OffsetCommitResponse>(
    exchange,
    (groups, caller, now) => groups.offsetCommit({ ...request, topics: allowed }, caller, now),
    (response) => exchange.reply({ ...response, topics: [...response.topics, ...failed] }),
  );
});
