/** User tasks. Who may do what with them is for whoever calls: the engine asks nobody. */
import { z } from 'zod';
import { name, page, pageQuery, processInstanceUuid, timestamp, variables } from './common.ts';
import { exactly } from '../exactly.ts';

const names = z.array(name).max(1_000);
const date = z.iso.datetime({ offset: true }).meta({ description: 'ISO 8601, with its offset', format: 'date-time' });
const priority = z.int().min(0).max(2_147_483_647);
const priorityText = z.string().regex(/^\d{1,10}$/, 'expected a whole number');

export const task = z
  .object({
    id: z.string(),
    processInstanceUuid,
    definition: z.string(),
    node: z.string(),
    name: z.string().optional(),
    state: z.enum(['CREATED', 'CLAIMED', 'COMPLETED', 'CANCELLED']),
    assignee: z.string().optional(),
    candidateGroups: z.array(z.string()),
    candidateUsers: z.array(z.string()),
    formId: z.string().optional().describe('Whatever the model calls the form: id, key or reference'),
    form: z
      .object({
        id: z.string().optional().describe('Of `GET /api/forms/{id}?version=`'),
        version: z.int().optional().describe('The one that was the latest, or is bound, when the task was created'),
        key: z.string().optional(),
        externalReference: z.string().optional(),
      })
      .optional(),
    headers: z.record(z.string(), z.string()).describe('Constants of the model for whoever shows the task'),
    dueDate: z.string().optional(),
    followUpDate: z.string().optional(),
    priority: z.int().optional(),
    createdAt: timestamp,
  })
  .meta({ id: 'Task' });
export type Task = z.infer<typeof task>;

export const taskAnswer = task
  .extend({ variables: variables.describe('What is visible to the task; of one that is over, the process variables') })
  .meta({ id: 'TaskWithVariables' });
export type TaskAnswer = z.infer<typeof taskAnswer>;

export const listTasksQuery = exactly({
  ...pageQuery.shape,
  state: z.enum(['CREATED', 'CLAIMED']).optional(),
  assignee: name.optional(),
  candidateGroup: name.optional(),
  candidateUser: name.optional(),
  definition: name.optional(),
  processInstanceUuid: processInstanceUuid.optional(),
  dueFrom: date.optional().describe('Due then or later'),
  dueBefore: date.optional(),
  followUpFrom: date.optional(),
  followUpBefore: date.optional(),
  priorityFrom: priorityText.optional().describe('At least this'),
  priorityTo: priorityText.optional().describe('At most this'),
});
export const listTasksAnswer = page(task);
export const taskParams = z.object({ id: name });
export const claimTaskBody = exactly({ assignee: name });
export const assignTaskBody = exactly({ assignee: name.describe('Has the task from now on, whoever had it') });
export const updateTaskBody = exactly({
  assignee: name.nullable().optional(),
  candidateGroups: names.optional(),
  candidateUsers: names.optional(),
  dueDate: date.nullable().optional(),
  followUpDate: date.nullable().optional(),
  priority: priority.nullable().optional(),
})
  .refine((changes) => Object.values(changes).some((change) => change !== undefined), {
    error: 'expected at least one change',
  })
  .describe('What is absent stays; null takes away');
export const completeTaskBody = variables.optional();
