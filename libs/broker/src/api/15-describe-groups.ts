import type { DescribedGroup } from '@millrace/coordinator';
import { apis } from '@millrace/wire';
import { distinct } from '../distinct.ts';
import { gather } from '../gather.ts';
import { handler } from '../handler.ts';
import { OPERATIONS_NOT_ASKED } from '../parts.ts';

/** Read, delete and describe, as bits of Kafka's AclOperation: there are no ACLs to take any away. */
const GROUP_OPERATIONS = (1 << 3) | (1 << 6) | (1 << 8);

/** DescribeGroups 0–5. 3 brought authorised operations, 4 static members. A group that is not there is Dead, without error. */
export const describeGroups = handler(apis.describeGroups, (parts, request, exchange) => {
  const authorizedOperations = request.includeAuthorizedOperations ? GROUP_OPERATIONS : OPERATIONS_NOT_ASKED;
  gather<string, DescribedGroup>(
    distinct(request.groups, (groupId) => groupId),
    (groupId, then) => {
      parts.groups.of(groupId).call(exchange, (one, caller, now) => one.describeGroup({ groupId }, caller, now), then);
    },
    (groups) => exchange.reply({ groups: groups.map((group) => ({ ...group, authorizedOperations })) }),
  );
});
