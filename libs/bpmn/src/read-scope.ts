import { type ModdleElement, many } from '@millrace/moddle';
import type { EventSubProcess, Scope, SubProcess } from './model.ts';
import type { NodeBase } from './read-node.ts';
import type { Reading } from './reading.ts';

const containers: ReadonlySet<string> = new Set(['bpmn:SubProcess', 'bpmn:Transaction', 'bpmn:AdHocSubProcess']);

/** Elements that hold flow elements of their own. */
export function isContainer({ $type }: ModdleElement): boolean {
  return containers.has($type);
}

/** What a container says about its own level. An element without an id has been told about where it is read. */
function readScope(container: ModdleElement): Scope {
  const starts = many(container, 'flowElements').filter(({ $type }) => $type === 'bpmn:StartEvent');
  return { startEvents: starts.map(({ id }) => id ?? ''), ...readEventSubProcesses(container) };
}

export function readEventSubProcesses(container: ModdleElement): Pick<Scope, 'eventSubProcesses'> {
  const members = many(container, 'flowElements').filter((member) => member.get('triggeredByEvent') === true);
  return members.length === 0 ? {} : { eventSubProcesses: members.map(({ id }) => id ?? '') };
}

export function readSubProcess(
  _reading: Reading,
  element: ModdleElement,
  base: NodeBase,
): SubProcess | EventSubProcess | undefined {
  const isEventStarted = element.get('triggeredByEvent') === true;
  const token = element.$type === 'bpmn:Transaction' ? 'transaction' : 'subProcess';
  return { ...base, kind: isEventStarted ? 'eventSubProcess' : token, ...readScope(element) };
}
