import type { JoinGroupResponse } from '@millrace/coordinator';
import { apis } from '@millrace/wire';
import { handler } from '../handler.ts';

/**
 * JoinGroup 0–7. 1 separates the rebalance timeout from the session timeout, from 4 on a new member is first sent away with
 * an id (MEMBER_ID_REQUIRED), 5 brought static members, 7 the protocol type in the answer.
 *
 * Answers when the rebalance is over; until then the requests behind it on the same connection wait, too (B1).
 */
export const joinGroup = handler(apis.joinGroup, (parts, request, exchange) => {
  parts.groups.of(request.groupId).call<JoinGroupResponse>(
    exchange,
    (groups, caller, now) => groups.joinGroup(request, caller, now),
    (response) => exchange.reply(response),
  );
});
