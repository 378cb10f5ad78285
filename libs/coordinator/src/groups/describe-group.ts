import { errors } from '@millrace/wire';
import type { Caller } from '../effects.ts';
import type { Turn } from '../turn.ts';
import { NOTHING, metadataOf } from './group.ts';
import type { Groups } from './groups.ts';
import type { DescribedGroup, ListGroupsRequest, ListGroupsResponse, OneGroup } from './messages.ts';

/** DescribeGroups: a group that is not there is described as dead, without an error. */
export function describeGroup(groups: Groups, turn: Turn, { groupId }: OneGroup, caller: Caller<DescribedGroup>): void {
  const known = groups.groups.get(groupId);
  // ConsumerGroupDescribe tells of the others.
  const group = known?.consumers === null ? known : undefined;
  const isStable = group?.state === 'Stable';
  turn.reply(caller.to, {
    errorCode: errors.NONE.code,
    groupId,
    groupState: group?.state ?? 'Dead',
    protocolType: group?.protocolType ?? '',
    protocolName: isStable ? (group.protocolName ?? '') : '',
    members: Array.from(group?.members.values() ?? [], (member) => ({
      memberId: member.id,
      groupInstanceId: member.instanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      // During a rebalance there is no protocol that all have agreed on.
      memberMetadata: isStable ? metadataOf(member, group.protocolName) : NOTHING,
      memberAssignment: isStable ? member.assignment : NOTHING,
    })),
  });
}

/** ListGroups: those of this coordinator, in any of the states and of any of the types asked for; case does not count. */
export function listGroups(
  groups: Groups,
  turn: Turn,
  { statesFilter, typesFilter }: ListGroupsRequest,
  caller: Caller<ListGroupsResponse>,
): void {
  const listed = Array.from(groups.groups.values(), ({ id, protocolType, state, consumers }) => ({
    groupId: id,
    protocolType: protocolType ?? '',
    groupState: (consumers?.state ?? state) as string,
    // By the protocol of its members (KIP-848).
    groupType: consumers === null ? 'classic' : 'consumer',
  }));
  turn.reply(caller.to, {
    groups: listed.filter((one) => passes(statesFilter, one.groupState) && passes(typesFilter, one.groupType)),
  });
}

/** An empty filter lets everything through. */
function passes(filter: readonly string[], value: string): boolean {
  return filter.length === 0 || filter.some((asked) => asked.toLowerCase() === value.toLowerCase());
}
