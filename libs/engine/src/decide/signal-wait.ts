import type { Key, SignalWaitRef } from '@millrace/records';
import { lastSignalWait } from '../apply/signals.ts';
import { signalWaitRow } from '../row-keys.ts';
import type { Walk } from './walk.ts';

/** The element, or the scope, waits for a signal: on its own partition, since a signal asks them all. */
export function openSignalWait(
  walk: Walk,
  elementKey: Key,
  catchingId: string,
  name: string,
  isRepeating: boolean,
): void {
  const { context, instanceId } = walk;
  const sequence = lastSignalWait(context.draft) + 1;
  const wait = { name, sequence, instanceId, elementId: catchingId, elementKey };
  context.emit({ kind: 'signalWait.opened', ...wait, isRepeating });
}

export function closeSignalWait({ context }: Walk, ref: SignalWaitRef): void {
  const wait = context.draft.get('signalWait', signalWaitRow(ref));
  if (wait === undefined) return;
  const { name, sequence, instanceId, elementId, elementKey } = wait;
  context.emit({ kind: 'signalWait.closed', name, sequence, instanceId, elementId, elementKey });
}
