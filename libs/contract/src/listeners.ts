/** What listeners are told, and what those of user tasks answer. The engine's own words are in its records. */
import { z } from 'zod';

/** The header `mr-listener`: for which event a job asks. Absent on an element's own job. */
export const listenerEvent = z.enum([
  'beforeAll',
  'start',
  'end',
  'creating',
  'assigning',
  'updating',
  'completing',
  'canceling',
]);
export type ListenerEvent = z.infer<typeof listenerEvent>;

/** The header `mr-task`, as JSON: the user task as it will be when nothing more is corrected. */
export const listenedTask = z.object({
  taskKey: z.string().describe('The id of the task, as REST has it'),
  action: z.enum(['create', 'claim', 'unclaim', 'assign', 'update', 'complete', 'cancel']),
  changedAttributes: z.array(z.string()).describe('What will be otherwise than it is now'),
  assignee: z.string().optional(),
  candidateGroups: z.array(z.string()),
  candidateUsers: z.array(z.string()),
  dueDate: z.string().optional(),
  followUpDate: z.string().optional(),
  priority: z.int().optional(),
  form: z
    .object({
      formId: z.string().optional(),
      version: z.int().optional(),
      formKey: z.string().optional(),
      externalReference: z.string().optional(),
    })
    .optional(),
});
export type ListenedTask = z.infer<typeof listenedTask>;

/** What is absent stays; null takes away. */
const taskCorrections = z.strictObject({
  assignee: z.string().min(1).nullable().optional(),
  candidateGroups: z.array(z.string().min(1)).optional(),
  candidateUsers: z.array(z.string().min(1)).optional(),
  dueDate: z.string().nullable().optional(),
  followUpDate: z.string().nullable().optional(),
  priority: z.int().min(0).nullable().optional(),
});

/** The value of the reply of a task listener: nothing, a refusal, or corrections; no variables. Creations and ends cannot be refused. */
export const taskListenerAnswer = z.strictObject({
  denied: z.boolean().optional(),
  deniedReason: z.string().optional().describe('For whoever asked for the change'),
  corrections: taskCorrections.optional(),
});
export type TaskListenerAnswer = z.infer<typeof taskListenerAnswer>;
