/** Bodies of the records that FlowX clients put on the bus. Unknown fields are kept out, unknown headers are echoed elsewhere. */
import { z } from 'zod';
import { variables } from './rest/common.ts';

/** Header that names the process from FlowX 4.6 on; then the whole body is the parameters. */
export const FX_PROCESS_NAME = 'Fx-ProcessName';

/** FlowX 3: the body names the process; everything else in it is the parameters. */
export const startByRecordBody = z.looseObject({ processName: z.string().min(1) });
export type StartByRecordBody = z.infer<typeof startByRecordBody>;

export const messageEventBody = z.object({
  messageName: z.string().min(1),
  correlationKey: z.union([z.string(), z.number(), z.boolean()]).optional(),
  data: variables.optional(),
});
export type MessageEventBody = z.infer<typeof messageEventBody>;

export const operationBody = z.object({
  operationType: z.enum(['ASSIGN', 'UNASSIGN', 'HOLD', 'UNHOLD', 'TERMINATE']),
  taskId: z.string().optional(),
  processInstanceUuid: z.string().optional(),
  swimlaneName: z.string().optional(),
  owner: z.string().optional(),
  author: z.string().optional(),
});
export type OperationBody = z.infer<typeof operationBody>;

export const bulkOperationsBody = z.object({ operations: z.array(operationBody).min(1).max(1_000) });
