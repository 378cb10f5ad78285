import type { FlowNode } from '@millrace/bpmn';
import type { ElementRow, Key } from '@millrace/records';
import { ofElement } from './close.ts';
import type { Walk } from './walk.ts';

/** A token has come to an element of a stage: the instance is in that, whatever other tokens do. */
export function enterStage(walk: Walk, elementId: string, elementKey: Key, stage: string): void {
  const { context, instanceId, instance } = walk;
  if (instance.stage === stage) return;
  const before = instance.stage === undefined ? undefined : { before: instance.stage };
  context.emit({ kind: 'stage.entered', instanceId, elementId, elementKey, stage, ...before });
}

/** The element has completed. An iteration has not: its activity has. */
export function notePassed(walk: Walk, element: ElementRow, { milestone, back }: FlowNode): void {
  const { context } = walk;
  const { scopeKey, elementId, loopCounter, compensation } = element;
  if (loopCounter !== undefined) return;
  if (milestone !== undefined) context.emit({ kind: 'milestone.reached', ...ofElement(element), milestone });
  if (back === undefined || compensation !== undefined) return;
  // Once, however often: this is bounded by the model.
  if (walk.holder(scopeKey).passed?.includes(elementId) === true) return;
  context.emit({ kind: 'step.passed', ...ofElement(element), scopeKey });
}
