import { type KafkaError, errors } from '@millrace/wire';
import type { Caller } from '../effects.ts';
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
  const isInUse = group.state !== 'Empty' || group.pendingMembers.size > 0 || group.pendingOffsets.size > 0;
  if (isInUse) return errors.NON_EMPTY_GROUP;
  const records = Array.from(group.offsets.entries(), ({ topic, partition }) =>
    offsetTombstone(groupId, topic, partition),
  );
  turn.append([...records, groupTombstone(groupId)]);
  groups.forget(group);
  return errors.NONE;
}
