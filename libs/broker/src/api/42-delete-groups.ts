import type { DeletedGroup } from '@millrace/coordinator';
import { apis, errors } from '@millrace/wire';
import { gather } from '../gather.ts';
import { handler } from '../handler.ts';
import { groupResource } from '../security/acl.ts';

/** DeleteGroups 0–2: groups without members, with their offsets. NON_EMPTY_GROUP and GROUP_ID_NOT_FOUND are per group. */
export const deleteGroups = handler(apis.deleteGroups, (parts, request, exchange) => {
  gather<string, DeletedGroup>(
    request.groups,
    (groupId, then) => {
      if (!exchange.access.may('DELETE', groupResource(groupId))) {
        then({ groupId, errorCode: errors.GROUP_AUTHORIZATION_FAILED.code });
        return;
      }
      parts.groups.of(groupId).call(exchange, (one, caller, now) => one.deleteGroup({ groupId }, caller, now), then);
    },
    (results) => exchange.reply({ results }),
  );
});
