import { type ModdleElement, many, one } from '@millrace/moddle';
import type { CompensateAction } from './model-actions.ts';

/** The activities that an association leads to from a compensation event: the one that undoes, when there is one. */
export function handlersOf(event: ModdleElement): string[] {
  const associations = event.$parent === undefined ? [] : many(event.$parent, 'artifacts');
  return associations
    .filter(({ $type }) => $type === 'bpmn:Association')
    .map((association) => [one(association, 'sourceRef')?.id, one(association, 'targetRef')?.id])
    .filter((ends) => ends.includes(event.id))
    .map((ends) => ends.find((id) => id !== event.id))
    .filter((id) => id !== undefined);
}

export function readCompensate(definition: ModdleElement): CompensateAction {
  const activityId = one(definition, 'activityRef')?.id;
  return {
    kind: 'compensate',
    ...(activityId === undefined ? {} : { activityId }),
    waits: definition.get('waitForCompletion') !== false,
  };
}
