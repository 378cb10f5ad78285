import type { Scope, SubProcess } from './model.ts';
import { type ModdleElement, many } from './moddle.ts';
import { describe } from './problem.ts';
import type { NodeBase } from './read-node.ts';
import type { Reading } from './reading.ts';

/** Elements that hold flow elements of their own. */
export function isContainer({ $type }: ModdleElement): boolean {
  return $type === 'bpmn:SubProcess';
}

/** What a container says about its own level. An element without an id has been told about where it is read. */
function readScope(container: ModdleElement): Scope {
  const starts = many(container, 'flowElements').filter(({ $type }) => $type === 'bpmn:StartEvent');
  return { startEvents: starts.map(({ id }) => id ?? '') };
}

export function readSubProcess(reading: Reading, element: ModdleElement, base: NodeBase): SubProcess | undefined {
  if (element.get('triggeredByEvent') === true) {
    reading.problems.error(
      element,
      'not-supported',
      `${describe(element)}: a sub-process that an event starts is not supported yet`,
    );
    return undefined;
  }
  return { ...base, kind: 'subProcess', ...readScope(element) };
}
