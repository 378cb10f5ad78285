import type { ElementRow, InstanceId, Variables } from '@millrace/records';
import { elementRow, variablesRow } from '../row-keys.ts';
import { ofElement } from './close.ts';
import { raiseIncident } from './incidents.ts';
import { leave } from './leave.ts';
import { resultChanges } from './mappings.ts';
import { checkSize } from './scopes.ts';
import { hold } from './suspend.ts';
import { Walk } from './walk.ts';

/** The call activity that waits for the instance. */
export interface Caller {
  readonly walk: Walk;
  readonly element: ElementRow;
}

/** None when nobody called, or when the caller is ending: whatever comes of the instance is of no use to it then. */
export function callerOf({ context, instance }: Walk): Caller | undefined {
  const { parent, instanceId } = instance;
  const row = parent && context.draft.get('instance', parent.instanceId);
  if (parent === undefined || row?.phase !== 'active') return undefined;
  const element = context.draft.get('element', elementRow(parent.instanceId, parent.elementKey));
  if (element?.calledId !== instanceId) return undefined;
  const walk = Walk.of(context, row);
  return walk.isOpen(element.scopeKey) ? { walk, element } : undefined;
}

/** What the call activity gets: the variables of the instance, if it wants them. */
export function resultFor({ walk, element }: Caller, called: Walk): Variables {
  const node = walk.node(element.elementId);
  const wantsAll = node.kind === 'callActivity' && (node.passesAllOut || node.outputs.length > 0);
  const { instanceId, context } = called;
  return (wantsAll ? context.draft.get('variables', variablesRow(instanceId, instanceId))?.values : undefined) ?? {};
}

/**
 * Whether the caller takes the result now. One that has no room for it has an incident that says so; one that is suspended
 * holds what brings the instance here again. Either way the instance has to wait.
 */
export function canTake({ walk, element }: Caller, { context, instanceId }: Walk, result: Variables): boolean {
  if (walk.instance.isSuspended === true) {
    hold(context, walk.instanceId, { kind: 'command', command: { kind: 'continue', version: 1, instanceId } });
    return false;
  }
  const hasOutputs = walk.node(element.elementId).outputs.length > 0;
  const tooLarge = checkSize(walk.context.draft, walk.instanceId, resultChanges(walk, element, hasOutputs, result));
  if (tooLarge !== undefined) raiseIncident(walk, element, tooLarge, 'call');
  return tooLarge === undefined;
}

/** The instance has ended: its caller goes on. */
export function goOnInCaller({ walk, element }: Caller, calledId: InstanceId, result: Variables, hops: number): void {
  walk.context.emit({ kind: 'call.returned', ...ofElement(element), calledId });
  leave(walk, element.elementKey, result, hops);
}
