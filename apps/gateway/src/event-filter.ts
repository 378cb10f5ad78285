import type { WatchAllQuery } from '@millrace/contract';
import type { FeedEvent, Queries } from '@millrace/projection';

export type EventFilter = (event: FeedEvent) => boolean;

/** The filter of a watch over all events. Definition and business key are those of the instance that an event tells about. */
export function eventFilter({ definition, type, businessKey }: WatchAllQuery, queries: Queries): EventFilter {
  const isOfType = type === undefined ? undefined : typeFilter(type);
  return (feedEvent) => {
    const { event, subject } = feedEvent;
    if (isOfType !== undefined && !isOfType(event.kind)) return false;
    if (definition === undefined && businessKey === undefined) return true;
    const instance = subject === undefined ? undefined : queries.instance(subject);
    if (businessKey !== undefined && instance?.businessKey !== businessKey) return false;
    const processId = instance?.processId ?? ('processId' in event ? event.processId : undefined);
    return definition === undefined || processId === definition;
  };
}

/** `instance.started,job.*`: names, or all that begin so. */
function typeFilter(type: string): (kind: string) => boolean {
  const names = new Set<string>();
  const prefixes: string[] = [];
  for (const pattern of type.split(',').map((part) => part.trim())) {
    if (pattern.endsWith('*')) prefixes.push(pattern.slice(0, -1));
    else names.add(pattern);
  }
  return (kind) => names.has(kind) || prefixes.some((prefix) => kind.startsWith(prefix));
}
