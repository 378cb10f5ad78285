import { type ListenedTask, type TaskListenerAnswer, taskListenerAnswer } from '@millrace/contract';
import { z } from 'zod';
import { JobFailure } from './errors.ts';
import type { Job } from './job.ts';
import { type Plugin, type PluginDefinition, definePlugin } from './plugin.ts';

type Whatever = z.ZodRecord<z.ZodString, z.ZodUnknown>;

/** What the author of a task listener writes. */
export interface TaskListenerDefinition
  extends Pick<PluginDefinition<Whatever, Whatever>, 'type' | 'title' | 'description' | 'concurrency'> {
  /** Nothing lets the change go on as it is; `deny` refuses it, `correct` changes it. Throws `JobFailure` to be asked again. */
  handler(
    task: ListenedTask,
    job: ListenerJob,
  ): Promise<TaskListenerAnswer | undefined> | TaskListenerAnswer | undefined;
}

export interface ListenerJob extends Job {
  /** All that is visible to the task. */
  readonly variables: Readonly<Record<string, unknown>>;
}

/**
 * A plugin for `zeebe:taskListener`: the change to a user task waits for its answer. (A listener of an element's start or end is a
 * plugin as any other.)
 */
export function defineTaskListener(definition: TaskListenerDefinition): Plugin {
  const { type, title, description, concurrency } = definition;
  return definePlugin({
    type,
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(concurrency === undefined ? {} : { concurrency }),
    input: z.record(z.string(), z.unknown()),
    output: taskListenerAnswer,
    async handler(variables, job) {
      if (job.task === undefined) {
        throw new JobFailure(`expected the job of ${job.elementId} to be a task listener's: "${job.type}" is one`);
      }
      return (await definition.handler(job.task, { ...job, variables })) ?? {};
    },
  });
}

/** Refuses the change: the task stays as it was, and whoever asked for it is told why. Creations and ends cannot be refused. */
export function deny(reason: string): TaskListenerAnswer {
  return { denied: true, deniedReason: reason };
}

/** Lets the change go on, with these attributes of the task as given here; null takes one away. */
export function correct(corrections: NonNullable<TaskListenerAnswer['corrections']>): TaskListenerAnswer {
  return { corrections };
}
