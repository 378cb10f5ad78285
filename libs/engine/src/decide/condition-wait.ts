import type { Key } from '@millrace/records';
import { conditionRow } from '../row-keys.ts';
import type { Walk } from './walk.ts';

/** The element, or the scope, waits for a condition. Whether it holds already is asked when this step's tokens rest. */
export function openConditionWait(walk: Walk, elementKey: Key, catchingId: string, isRepeating: boolean): void {
  const { context, instanceId } = walk;
  const waitKey = context.nextKey();
  context.emit({ kind: 'condition.opened', waitKey, instanceId, elementId: catchingId, elementKey, isRepeating });
}

export function closeConditionWait({ context, instanceId }: Walk, waitKey: Key): void {
  const wait = context.draft.get('conditionWait', conditionRow(instanceId, waitKey));
  if (wait === undefined) return;
  const { elementId, elementKey } = wait;
  context.emit({ kind: 'condition.closed', waitKey, instanceId, elementId, elementKey });
}
