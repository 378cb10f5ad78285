import type { ConsumerGroupHeartbeatResponse } from '@millrace/coordinator';
import { apis, type ErrorName, errors, type Request } from '@millrace/wire';
import { handler } from '../handler.ts';
import type { Access } from '../security/access.ts';
import { groupResource, topicResource } from '../security/acl.ts';

/**
 * ConsumerGroupHeartbeat 0–1 (KIP-848): members of the consumer protocol join, stay, report and leave by it. 1 brought
 * subscriptions by pattern and members that make their own ids. Takes READ on the group and DESCRIBE on the topics named.
 *
 * Deviation: a group does not change from one protocol to the other while it has members.
 */
export const consumerGroupHeartbeat = handler(apis.consumerGroupHeartbeat, (parts, request, exchange) => {
  const refusal = refusalOf(exchange.access, request);
  if (refusal !== null) {
    const { code: errorCode, message: errorMessage } = errors[refusal];
    exchange.reply({ errorCode, errorMessage, memberEpoch: 0, heartbeatIntervalMs: 0 });
    return;
  }
  parts.groups.of(request.groupId).call<ConsumerGroupHeartbeatResponse>(
    exchange,
    (groups, caller, now) => groups.consumerGroupHeartbeat(request, caller, now),
    (response) => exchange.reply(response),
  );
});

function refusalOf(
  access: Access,
  { groupId, subscribedTopicNames }: Request<typeof apis.consumerGroupHeartbeat>,
): ErrorName | null {
  if (!access.may('READ', groupResource(groupId))) return 'GROUP_AUTHORIZATION_FAILED';
  const areSeen = subscribedTopicNames?.every((name) => access.may('DESCRIBE', topicResource(name))) ?? true;
  return areSeen ? null : 'TOPIC_AUTHORIZATION_FAILED';
}
