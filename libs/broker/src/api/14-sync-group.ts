import type { SyncGroupResponse } from '@millrace/coordinator';
import { apis, errors } from '@millrace/wire';
import { handler } from '../handler.ts';
import { groupResource } from '../security/acl.ts';

/**
 * SyncGroup 0–5. 3 brought static members, 5 the protocol, which the coordinator compares with the one it chose. Answers
 * when the leader has handed in the assignment, and that is durable.
 */
export const syncGroup = handler(apis.syncGroup, (parts, request, exchange) => {
  if (!exchange.access.may('READ', groupResource(request.groupId))) {
    const errorCode = errors.GROUP_AUTHORIZATION_FAILED.code;
    exchange.reply({ errorCode, assignment: Buffer.alloc(0) });
    return;
  }
  parts.groups.of(request.groupId).call<SyncGroupResponse>(
    exchange,
    (groups, caller, now) => groups.syncGroup(request, caller, now),
    (response) => exchange.reply(response),
  );
});
