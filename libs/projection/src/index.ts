export { ProjectionError, projectionErrors } from './errors.ts';
export { EventFeed, type FeedBatch, type FeedListener, feedLimits } from './event-feed.ts';
export type { EventLog, Following, LogBatch, LogBounds, LogRecord, Stretch } from './event-log.ts';
export { FeedEvent } from './feed-event.ts';
export { openEventLog } from './open-event-log.ts';
export type { Page } from './pages.ts';
export {
  type Projection,
  type ProjectionHealth,
  type ProjectionLogger,
  type ProjectionOptions,
  startProjection,
} from './projection.ts';
export type { IncidentFilter, InstanceFilter, PageRequest, Queries } from './queries.ts';
export type { TaskFilter } from './task-filter.ts';
export type {
  ReadBatch,
  ReadIncident,
  ReadInstance,
  ReadInstanceState,
  ReadMessage,
  ReadTask,
  ReadAction,
  ReadToken,
  ReadTokenStatus,
} from './rows.ts';
export { type Wait, type Waiters, waiterLimits } from './waiters.ts';
