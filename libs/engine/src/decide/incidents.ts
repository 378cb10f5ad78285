import type { ElementRow, IncidentRetry, Key, Variables } from '@millrace/records';
import type { Failure } from './failure.ts';
import type { Walk } from './walk.ts';

/** E4. The element stands still and says why. One incident at a time: the first one is what must be mended first. */
export function raiseIncident(
  walk: Walk,
  element: ElementRow,
  failure: Failure,
  retry: IncidentRetry,
  more: { readonly jobKey?: Key | undefined; readonly brought?: Variables | undefined } = {},
): void {
  const { context, instanceId } = walk;
  const { elementId, elementKey } = element;
  if (walk.element(elementKey).incidentKey !== undefined) return;
  context.emit({
    kind: 'incident.raised',
    instanceId,
    incidentKey: context.nextKey(),
    elementId,
    elementKey,
    reason: failure.reason,
    message: failure.message,
    retry,
    ...(more.jobKey === undefined ? undefined : { jobKey: more.jobKey }),
    ...(more.brought === undefined ? undefined : { brought: more.brought }),
  });
}

/** The element goes on without anybody having resolved its incident: it is over all the same. */
export function dropIncident(walk: Walk, element: ElementRow): void {
  const { incidentKey, elementId, elementKey } = walk.element(element.elementKey);
  if (incidentKey === undefined) return;
  const { context, instanceId } = walk;
  context.emit({ kind: 'incident.resolved', instanceId, incidentKey, elementId, elementKey, by: 'left' });
}
