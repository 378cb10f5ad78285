export { type AdHocAnswer, adHocAnswer } from '@millrace/contract';
export type { ListenedTask, TaskListenerAnswer } from '@millrace/contract';
export { BpmnError, JobFailure } from './errors.ts';
export type { Job } from './job.ts';
export type { Log } from './log.ts';
export { type Plugin, type PluginDefinition, definePlugin } from './plugin.ts';
export { type RunningPlugins, type RunOptions, runPlugins } from './run-plugins.ts';
export {
  type ListenerJob,
  type TaskListenerDefinition,
  correct,
  defineTaskListener,
  deny,
} from './task-listener.ts';
