export { AD_HOC_RESULT, type AdHocAnswer, adHocAnswer } from './ad-hoc-answer.ts';
export { duration, parseDuration } from './duration.ts';
export {
  bulkOperationsBody,
  FX_PROCESS_NAME,
  type MessageEventBody,
  messageEventBody,
  type OperationBody,
  operationBody,
  type StartByRecordBody,
  startByRecordBody,
} from './flowx.ts';
export { type JsonFault, type JsonResult, parseJson } from './json.ts';
export { limits } from './limits.ts';
export {
  type ListenedTask,
  listenedTask,
  listenerEvent,
  type ListenerEvent,
  type TaskListenerAnswer,
  taskListenerAnswer,
} from './listeners.ts';
export { type PluginAnnouncement, pluginAnnouncement } from './plugin-announcement.ts';
export { allPosition, instancePosition, parsePosition, type WatchPosition } from './positions.ts';
export { PROBLEM_MEDIA_TYPE, type ProblemDocument, problemDocument, toProblemDocument } from './problem-document.ts';
export { Problem, type ProblemCode, type ProblemDetails, type ProblemIssue, problemKinds } from './problems.ts';
export * from './rest/batches.ts';
export * from './rest/common.ts';
export * from './rest/decisions.ts';
export * from './rest/definitions.ts';
export * from './rest/health.ts';
export * from './rest/instances.ts';
export * from './rest/tasks.ts';
export * from './rest/work.ts';
export * from './stream.ts';
