import type { OffsetCommitResponse } from '@millrace/coordinator';
import { apis } from '@millrace/wire';
import { handler } from '../handler.ts';

/**
 * OffsetCommit 2–8. 5 dropped the retention time (and it has no effect before, either), 6 brought leader epochs, 7 static
 * members. The answer comes when the offsets are durable (B2).
 */
export const offsetCommit = handler(apis.offsetCommit, (parts, request, exchange) => {
  parts.groups.of(request.groupId).call<OffsetCommitResponse>(
    exchange,
    (groups, caller, now) => groups.offsetCommit(request, caller, now),
    (response) => exchange.reply(response),
  );
});
