import type { ListGroupsResponse } from '@millrace/coordinator';
import { apis, errors } from '@millrace/wire';
import { gather } from '../gather.ts';
import { handler } from '../handler.ts';
import { clusterResource, groupResource } from '../security/acl.ts';

/**
 * ListGroups 0–5. 4 brought states and a filter by them, 5 types. Of several nodes each lists the groups that it
 * coordinates. Who may not describe the cluster sees the groups that it may describe.
 */
export const listGroups = handler(apis.listGroups, (parts, request, exchange) => {
  gather<(typeof parts.groups.shells)[number], ListGroupsResponse>(
    parts.groups.shells,
    (shell, then) => shell.call(exchange, (one, caller, now) => one.listGroups(request, caller, now), then),
    (responses) => {
      const { access, entrance } = exchange;
      const node = parts.nodes.nodeOf(entrance);
      const seesAll = access.sees('DESCRIBE', clusterResource);
      const groups = responses
        .flatMap(({ groups }) => groups)
        .filter(({ groupId }) => parts.nodes.coordinatorOf(groupId) === node)
        .filter(({ groupId }) => seesAll || access.sees('DESCRIBE', groupResource(groupId)));
      exchange.reply({ errorCode: errors.NONE.code, groups });
    },
  );
});
