import type { ExecutableProcess, FlowNode } from '@millrace/bpmn';

/**
 * Tables of a model are plain objects, and ids are anybody's: "constructor" is one that BPMN allows, and an operator may ask for
 * "__proto__". What an object inherits is nothing of the model.
 */
export function nodeOf({ elements }: ExecutableProcess, id: string): FlowNode | undefined {
  return Object.hasOwn(elements, id) ? elements[id] : undefined;
}

export function boundaryIdsOf({ boundaryEvents }: ExecutableProcess, id: string): readonly string[] {
  return (Object.hasOwn(boundaryEvents, id) ? boundaryEvents[id] : undefined) ?? [];
}
