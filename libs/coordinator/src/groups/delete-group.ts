import { type KafkaError, errors } from '@millrace/wire';
import type { Caller } from '../effects.ts';
import { consumerGroupTombstone } from '../consumer-groups/consumer-group-record.ts';
import { isInUse } from './group.ts';
import type { Turn } from '../turn.ts';
import { groupTombstone, offsetTombstone } from './group-record.ts';
import type { Groups } from './groups.ts';
import type { DeletedGroup, OneGroup } from './messages.ts';

/** DeleteGroups: with all its offsets. Refused while there are members, or a transaction that has offsets here. */
export function deleteGroup(groups: Groups, turn: Turn, { groupId }: OneGroup, caller: Caller<DeletedGroup>): void {
  turn.reply(caller.to, { groupId, errorCode: remove(groups, turn, groupId).code });
}

function remove(groups: Groups, turn: Turn, groupId: string): KafkaError {
  const group = groups.groups.get(groupId);
  if (group === undefined) return errors.GROUP_ID_NOT_FOUND;
  if (isInUse(group) || group.pendingOffsets.size > 0) return errors.NON_EMPTY_GROUP;
  const records = Array.from(group.offsets.entries(), ({ topic, partition }) =>
    offsetTombstone(groupId, topic, partition),
  );
  const ofConsumers = group.consumers === null ? [] : [consumerGroupTombstone(groupId)];
  turn.append([...records, groupTombstone(groupId), ...ofConsumers]);
  groups.forget(group);
  return errors.NONE;
}
