import type { ErrorAction } from '@millrace/bpmn';
import type { ElementRow, Key } from '@millrace/records';
import { surroundings } from './surroundings.ts';
import { boundaryEvent, triggerBoundary } from './boundary.ts';
import { complete } from './leave.ts';
import { evaluateText } from './expressions.ts';
import { Failure } from './failure.ts';
import type { Walk } from './walk.ts';

export interface ErrorHandler {
  readonly activityKey: Key;
  readonly boundaryId: string;
}

/**
 * The boundary event that catches an error: the nearest activity, from `elementKey` outwards, that has one; there, one for
 * the very code before one for all.
 */
export function findHandler(walk: Walk, elementKey: Key, code: string): ErrorHandler | undefined {
  if (elementKey === walk.instanceId) return undefined;
  const activity = walk.element(elementKey);
  const boundaries = (walk.model.boundaryEvents[activity.elementId] ?? []).map((id) => boundaryEvent(walk, id));
  const catches = (wanted: string | undefined) =>
    boundaries.find(({ trigger }) => trigger.kind === 'error' && trigger.code === wanted);
  const boundary = catches(code) ?? catches(undefined);
  if (boundary !== undefined) return { activityKey: elementKey, boundaryId: boundary.id };
  return findHandler(walk, activity.scopeKey, code);
}

/** An error end event throws out of its own scope. */
export function throwFrom(walk: Walk, element: ElementRow, action: ErrorAction, hops: number): Failure | undefined {
  const code = evaluateText(action.code, surroundings(walk, element), 'the error code');
  if (code instanceof Failure) return code;
  const handler = findHandler(walk, element.scopeKey, code);
  if (handler === undefined) return unhandled(code);
  complete(walk, element.elementKey);
  triggerBoundary(walk, handler.activityKey, handler.boundaryId, {}, hops);
  return undefined;
}

export function unhandled(code: string, message?: string): Failure {
  const said = message === undefined || message === '' ? '' : `: ${message}`;
  return new Failure('UNHANDLED_ERROR', `expected a boundary event that catches the error "${code}"${said}`);
}
