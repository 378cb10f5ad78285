import type { LeaveGroupResponse } from '@millrace/coordinator';
import { apis, errors } from '@millrace/wire';
import { handler } from '../handler.ts';
import { groupResource } from '../security/acl.ts';

/** LeaveGroup 0–5. From 3 on several members leave at once, static ones by their instance id; 5 brought a reason. */
export const leaveGroup = handler(apis.leaveGroup, (parts, request, exchange) => {
  if (!exchange.access.may('READ', groupResource(request.groupId))) {
    const errorCode = errors.GROUP_AUTHORIZATION_FAILED.code;
    exchange.reply({ errorCode, members: [] });
    return;
  }
  parts.groups.of(request.groupId).call<LeaveGroupResponse>(
    exchange,
    (groups, caller, now) => groups.leaveGroup(request, caller, now),
    (response) => exchange.reply(response),
  );
});
