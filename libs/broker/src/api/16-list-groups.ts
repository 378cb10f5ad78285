import type { ListGroupsResponse } from '@millrace/coordinator';
import { apis, errors } from '@millrace/wire';
import { gather } from '../gather.ts';
import { handler } from '../handler.ts';

/** ListGroups 0–4. 4 brought states and a filter by them. */
export const listGroups = handler(apis.listGroups, (parts, request, exchange) => {
  gather<(typeof parts.groups.shells)[number], ListGroupsResponse>(
    parts.groups.shells,
    (shell, then) => shell.call(exchange, (one, caller, now) => one.listGroups(request, caller, now), then),
    (responses) => exchange.reply({ errorCode: errors.NONE.code, groups: responses.flatMap(({ groups }) => groups) }),
  );
});
