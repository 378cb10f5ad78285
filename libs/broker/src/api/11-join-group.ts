import type { JoinGroupResponse } from '@millrace/coordinator';
import { apis, errors } from '@millrace/wire';
import { handler } from '../handler.ts';
import { groupResource } from '../security/acl.ts';

/**
 * JoinGroup 0–9. 1 separates the rebalance timeout from the session timeout, from 4 on a new member is first sent away with
 * an id (MEMBER_ID_REQUIRED), 5 brought static members, 7 the protocol type in the answer, 8 a reason, which is not looked at, 9 a hint to
 * a leader that came back (KIP-814).
 *
 * Answers when the rebalance is over; until then the requests behind it on the same connection wait, too (B1).
 */
export const joinGroup = handler(apis.joinGroup, (parts, request, exchange) => {
  if (!exchange.access.may('READ', groupResource(request.groupId))) {
    const errorCode = errors.GROUP_AUTHORIZATION_FAILED.code;
    exchange.reply({
      errorCode,
      generationId: -1,
      protocolName: null,
      leader: '',
      memberId: request.memberId,
      members: [],
    });
    return;
  }
  parts.groups.of(request.groupId).call<JoinGroupResponse>(
    exchange,
    (groups, caller, now) => groups.joinGroup(request, caller, now),
    (response) => exchange.reply(response),
  );
});
