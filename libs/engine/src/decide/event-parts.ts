import { type FlowNode, partsOf } from '@millrace/bpmn';
import type { Key, Variables } from '@millrace/records';
import { entriesSize } from '../json-size.ts';
import { PART_OCCURRENCES_MAX } from '../limits.ts';
import { eventPartsRow } from '../row-keys.ts';
import type { Walk } from './walk.ts';

/**
 * Events with several definitions (BPMN 2.0.2 §10.5). Each is waited for on its own, under the id of its part.
 *
 * EP1. Of a multiple event, the first part that comes is the event.
 * EP2. Of a parallel multiple event, what a part brings is kept until each has come, and counts as a variable meanwhile. One of each is
 *      used up then, like the tokens at a parallel join: what came more often counts for the next time.
 */
export function wholeOf(walk: Walk, eventId: string): string {
  const node = walk.node(eventId);
  return node.kind === 'eventPart' ? node.of : eventId;
}

/** Something has come that the event waits for: what it brings in all, or undefined while more is waited for. */
export function comeTogether(walk: Walk, holderKey: Key, eventId: string, variables: Variables): Variables | undefined {
  const part = walk.node(eventId);
  if (part.kind !== 'eventPart' || !isParallel(walk.node(part.of))) return variables;
  if (hasTooMany(walk, holderKey, part)) return undefined;
  const { context, instanceId } = walk;
  const { id: partId, of: elementId } = part;
  const ofEvent = { instanceId, elementId, elementKey: holderKey };
  const variableBytes = walk.instance.variableBytes + sizeOf([variables]);
  context.emit({ kind: 'event.partCame', ...ofEvent, partId, variables, variableBytes });
  const came = cameOf(walk, holderKey, elementId);
  const first = partsOf(walk.node(elementId)).map(({ id }) => came[id]?.[0]);
  if (!first.every((brought) => brought !== undefined)) return undefined;
  take(walk, holderKey, elementId, first);
  return Object.assign({}, ...first) as Variables;
}

/** Whether another occurrence of the part could not be kept. */
export function hasTooMany(walk: Walk, holderKey: Key, part: FlowNode): boolean {
  if (part.kind !== 'eventPart') return false;
  const came: readonly Variables[] | undefined = cameOf(walk, holderKey, part.of)[part.id];
  return came !== undefined && came.length >= PART_OCCURRENCES_MAX;
}

/** Nobody waits for these any more. */
export function forgetParts(walk: Walk, holderKey: Key, eventIds: readonly string[] = []): void {
  for (const eventId of eventIds) {
    const all = Object.values(cameOf(walk, holderKey, eventId)).flat();
    take(walk, holderKey, eventId, all, true);
  }
}

function isParallel(event: FlowNode): boolean {
  return 'trigger' in event && event.trigger.kind === 'multiple' && event.trigger.isParallel;
}

function take(walk: Walk, elementKey: Key, elementId: string, taken: readonly Variables[], isClosed?: true): void {
  const { context, instanceId } = walk;
  const variableBytes = walk.instance.variableBytes - sizeOf(taken);
  const closed = isClosed === undefined ? undefined : { isClosed };
  context.emit({ kind: 'event.partsTaken', instanceId, elementId, elementKey, variableBytes, ...closed });
}

function cameOf({ context, instanceId }: Walk, holderKey: Key, eventId: string) {
  return context.draft.get('eventParts', eventPartsRow(instanceId, holderKey, eventId))?.came ?? {};
}

function sizeOf(occurrences: readonly Variables[]): number {
  return occurrences.reduce((bytes, variables) => bytes + entriesSize(variables), 0);
}
