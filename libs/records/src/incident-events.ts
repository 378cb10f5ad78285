import type { Variables } from './envelope.ts';
import type { OfInstance } from './events.ts';
import type { Key } from './ids.ts';
import type { IncidentReason, IncidentRetry } from './work-rows.ts';

export interface IncidentRaised extends OfInstance {
  readonly kind: 'incident.raised';
  readonly incidentKey: Key;
  readonly elementId: string;
  /** Absent when the token had not entered the element yet. */
  readonly elementKey?: Key;
  readonly reason: IncidentReason;
  readonly message: string;
  readonly retry: IncidentRetry;
  readonly jobKey?: Key;
  readonly tokenKey?: Key;
  /** Where the token is, unless at the top level. */
  readonly scopeKey?: Key;
  /** What the event brought that the element could not begin with. */
  readonly brought?: Variables;
}

export interface IncidentResolved extends OfInstance {
  readonly kind: 'incident.resolved';
  readonly incidentKey: Key;
  readonly elementId: string;
  readonly elementKey?: Key;
  /** `left`: the element went on or was closed without anybody resolving it. */
  readonly by: 'command' | 'left';
}
