import type { ExecutableProcess } from '@millrace/bpmn';

/** Where an instance begins when nobody says where. */
export function noneStartOf(model: ExecutableProcess): string | undefined {
  return model.startEvents.find((id) => {
    const node = model.elements[id];
    return node?.kind === 'startEvent' && node.trigger.kind === 'none';
  });
}
