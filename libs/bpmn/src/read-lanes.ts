import { type ModdleElement, many, one } from '@millrace/moddle';
import type { Expression } from './model.ts';
import { extension } from './moddle.ts';
import { type Reading, optionalExpression } from './reading.ts';

/** Where a flow node lies, and who does its user tasks when they do not say so themselves. */
export interface LanePlace {
  readonly names: readonly string[];
  /** `millrace:lane` of the innermost lane that has it. */
  readonly candidateGroups?: Expression;
}

/** By flow node, of one level. */
export function readLanes(reading: Reading, container: ModdleElement): ReadonlyMap<string, LanePlace> {
  const places = new Map<string, LanePlace>();
  for (const set of many(container, 'laneSets')) readSet(reading, set, { names: [] }, places);
  return places;
}

function readSet(reading: Reading, set: ModdleElement, outer: LanePlace, places: Map<string, LanePlace>): void {
  for (const lane of many(set, 'lanes')) {
    const own = extension(lane, 'millrace:Lane');
    const candidateGroups = (own && optionalExpression(reading, lane, own, 'candidateGroups')) ?? outer.candidateGroups;
    const place: LanePlace = {
      names: [...outer.names, lane.name ?? lane.id ?? ''],
      ...(candidateGroups === undefined ? {} : { candidateGroups }),
    };
    for (const { id } of many(lane, 'flowNodeRef')) if (id !== undefined) places.set(id, place);
    const inner = one(lane, 'childLaneSet');
    if (inner !== undefined) readSet(reading, inner, place, places);
  }
}
