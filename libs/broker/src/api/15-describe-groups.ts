import type { DescribedGroup } from '@millrace/coordinator';
import { apis, errors } from '@millrace/wire';
import { distinct } from '../distinct.ts';
import { gather } from '../gather.ts';
import { handler } from '../handler.ts';
import { OPERATIONS_NOT_ASKED } from '../parts.ts';
import { groupResource } from '../security/acl.ts';

/** DescribeGroups 0–5. 3 brought authorised operations, 4 static members. A group that is not there is Dead, without error. */
export const describeGroups = handler(apis.describeGroups, (parts, request, exchange) => {
  const { access } = exchange;
  const operationsOf = ({ groupId, errorCode }: DescribedGroup): number =>
    request.includeAuthorizedOperations && errorCode !== errors.GROUP_AUTHORIZATION_FAILED.code
      ? access.operations(groupResource(groupId))
      : OPERATIONS_NOT_ASKED;
  gather<string, DescribedGroup>(
    distinct(request.groups, (groupId) => groupId),
    (groupId, then) => {
      if (!access.may('DESCRIBE', groupResource(groupId))) {
        then(unauthorised(groupId));
        return;
      }
      parts.groups.of(groupId).call(exchange, (one, caller, now) => one.describeGroup({ groupId }, caller, now), then);
    },
    (groups) =>
      exchange.reply({ groups: groups.map((group) => ({ ...group, authorizedOperations: operationsOf(group) })) }),
  );
});

function unauthorised(groupId: string): DescribedGroup {
  const errorCode = errors.GROUP_AUTHORIZATION_FAILED.code;
  return { errorCode, groupId, groupState: '', protocolType: '', protocolName: '', members: [] };
}
