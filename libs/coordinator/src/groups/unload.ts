import { errors } from '@millrace/wire';
import type { Turn } from '../turn.ts';
import type { Groups } from './groups.ts';
import { answerJoin, answerSync, refusedJoin, refusedSync } from './parked.ts';

/** Nobody is left waiting (C3). */
export function unloadGroups(groups: Groups, turn: Turn): void {
  for (const group of groups.groups.values()) {
    for (const member of group.members.values()) {
      answerJoin(turn, member, refusedJoin(errors.NOT_COORDINATOR, member.id));
      answerSync(turn, member, refusedSync(errors.NOT_COORDINATOR));
    }
  }
}
