import type { OffsetFetchResponse } from '@millrace/coordinator';
import { apis, errors } from '@millrace/wire';
import { distinct } from '../distinct.ts';
import { gather } from '../gather.ts';
import { handler } from '../handler.ts';

const VERSION_WITH_GROUPS = 8;

/**
 * OffsetFetch 1–8. 2 lets null ask for all topics and moves errors of the group to the top, 7 brought `requireStable`, 8
 * asks for many groups at once.
 */
export const offsetFetch = handler(apis.offsetFetch, (parts, request, exchange) => {
  const { requireStable } = request;
  const isBatched = exchange.version >= VERSION_WITH_GROUPS;
  const groups = distinct(request.groups, ({ groupId }) => groupId);
  const asked = isBatched ? groups : [{ groupId: request.groupId, topics: request.topics }];
  gather<(typeof asked)[number], OffsetFetchResponse>(
    asked,
    ({ groupId, topics }, then) => {
      parts.groups
        .of(groupId)
        .call(exchange, (one, caller, now) => one.offsetFetch({ groupId, topics, requireStable }, caller, now), then);
    },
    (groups) => {
      const [first] = groups;
      exchange.reply({ groups, topics: first?.topics ?? [], errorCode: first?.errorCode ?? errors.NONE.code });
    },
  );
});
