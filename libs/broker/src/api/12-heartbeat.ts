import type { HeartbeatResponse } from '@millrace/coordinator';
import { apis, errors } from '@millrace/wire';
import { handler } from '../handler.ts';
import { groupResource } from '../security/acl.ts';

/** Heartbeat 0–4. 3 brought static members. */
export const heartbeat = handler(apis.heartbeat, (parts, request, exchange) => {
  if (!exchange.access.may('READ', groupResource(request.groupId))) {
    const errorCode = errors.GROUP_AUTHORIZATION_FAILED.code;
    exchange.reply({ errorCode });
    return;
  }
  parts.groups.of(request.groupId).call<HeartbeatResponse>(
    exchange,
    (groups, caller, now) => groups.heartbeat(request, caller, now),
    (response) => exchange.reply(response),
  );
});
