import type { OffsetFetchResponse } from '@millrace/coordinator';
import { apis, errors } from '@millrace/wire';
import { distinct } from '../distinct.ts';
import { gather } from '../gather.ts';
import { handler } from '../handler.ts';
import { groupResource, topicResource } from '../security/acl.ts';
import { splitTopics } from '../security/split-topics.ts';

const VERSION_WITH_GROUPS = 8;
const nobody = { memberId: null, memberEpoch: -1 };

/**
 * OffsetFetch 1–9. 2 lets null ask for all topics and moves errors of the group to the top, 7 brought `requireStable`, 8
 * asks for many groups at once, 9 names the member that asks, which must be one where the group is of the consumer
 * protocol.
 */
export const offsetFetch = handler(apis.offsetFetch, (parts, request, exchange) => {
  const { requireStable } = request;
  const isBatched = exchange.version >= VERSION_WITH_GROUPS;
  const groups = distinct(request.groups, ({ groupId }) => groupId);
  const asked = isBatched ? groups : [{ ...nobody, groupId: request.groupId, topics: request.topics }];
  gather<(typeof asked)[number], OffsetFetchResponse>(
    asked,
    ({ groupId, topics, memberId, memberEpoch }, then) => {
      const { access } = exchange;
      if (!access.may('DESCRIBE', groupResource(groupId))) {
        then({ groupId, topics: [], errorCode: errors.GROUP_AUTHORIZATION_FAILED.code });
        return;
      }
      const { allowed, refused } = splitTopics(access, 'DESCRIBE', topics ?? []);
      const asker = memberId === null && memberEpoch < 0 ? {} : { asker: { memberId: memberId ?? '', memberEpoch } };
      const asked = { groupId, topics: topics === null ? null : allowed, requireStable, ...asker };
      parts.groups.of(groupId).call<OffsetFetchResponse>(
        exchange,
        (one, caller, now) => one.offsetFetch(asked, caller, now),
        (response) => {
          const seen = response.topics.filter(({ name }) => access.sees('DESCRIBE', topicResource(name)));
          then({ ...response, topics: [...seen, ...refused.map(unauthorised)] });
        },
      );
    },
    (groups) => {
      const [first] = groups;
      exchange.reply({ groups, topics: first?.topics ?? [], errorCode: first?.errorCode ?? errors.NONE.code });
    },
  );
});

function unauthorised({ name, partitions }: { readonly name: string; readonly partitions: readonly number[] }) {
  const nothing = { committedOffset: -1, committedLeaderEpoch: -1, metadata: null };
  const errorCode = errors.TOPIC_AUTHORIZATION_FAILED.code;
  return { name, partitions: partitions.map((partition) => ({ partition, ...nothing, errorCode })) };
}
