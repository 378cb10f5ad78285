import type { HeartbeatResponse } from '@millrace/coordinator';
import { apis } from '@millrace/wire';
import { handler } from '../handler.ts';

/** Heartbeat 0–4. 3 brought static members. */
export const heartbeat = handler(apis.heartbeat, (parts, request, exchange) => {
  parts.groups.of(request.groupId).call<HeartbeatResponse>(
    exchange,
    (groups, caller, now) => groups.heartbeat(request, caller, now),
    (response) => exchange.reply(response),
  );
});
