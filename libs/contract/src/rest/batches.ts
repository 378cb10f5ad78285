import { z } from 'zod';
import { limits } from '../limits.ts';
import { name, page, pageQuery, processInstanceUuid, timestamp, variables } from './common.ts';
import { migrateBody, modifyBody } from './instances.ts';
import { exactly } from '../exactly.ts';

const reason = z.string().max(1_000).optional();

export const batchOperation = z.discriminatedUnion('kind', [
  exactly({ kind: z.literal('suspend'), reason }),
  exactly({ kind: z.literal('resume') }),
  exactly({ kind: z.literal('cancel'), reason }),
  exactly({ kind: z.literal('updateVariables'), variables }),
  exactly({ kind: z.literal('resolveIncidents'), retries: z.int().min(1).optional() }),
  exactly({ kind: z.literal('modify'), ...modifyBody.shape }),
  exactly({ kind: z.literal('migrate'), ...migrateBody.shape }),
]);
export type BatchOperation = z.infer<typeof batchOperation>;

export const batchFilter = exactly({
  definition: name.optional(),
  version: z.int().min(1).optional(),
  businessKey: z.string().min(1).max(limits.businessKeyLengthMax).optional(),
  state: z.enum(['STARTED', 'SUSPENDED']).optional(),
  startedFrom: timestamp.optional(),
  startedBefore: timestamp.optional(),
  processInstanceUuids: z.array(processInstanceUuid).min(1).max(limits.batchInstancesMax).optional(),
}).refine((filter) => Object.values(filter).some((value) => value !== undefined), {
  message: 'expected the filter to say which instances: at least one condition',
});

export const batchBody = exactly({ operation: batchOperation, filter: batchFilter });
export const batchParams = z.object({ id: z.string().min(1).max(100) });

export const batchEntry = z
  .object({
    id: z.string(),
    operation: z.string().describe('`suspend`, `migrate`, …'),
    state: z.enum(['RUNNING', 'FINISHED', 'CANCELLED']),
    startedAt: timestamp,
    endedAt: timestamp.optional(),
    done: z.int().describe('Instances that it was done to'),
    failed: z.int().describe('Instances that refused it'),
    partitions: z.object({ done: z.int(), all: z.int() }).describe('How far it is'),
  })
  .meta({ id: 'Batch' });
export type BatchEntry = z.infer<typeof batchEntry>;

export const batchAnswer = batchEntry
  .extend({
    failures: z
      .array(z.object({ processInstanceUuid: z.string(), reason: z.string(), message: z.string() }))
      .describe('The first of those that refused it'),
  })
  .meta({ id: 'BatchWithFailures' });
export type BatchAnswer = z.infer<typeof batchAnswer>;

export const listBatchesQuery = pageQuery;
export const listBatchesAnswer = page(batchEntry);
