import { z } from 'zod';
import { duration } from '../duration.ts';
import { limits } from '../limits.ts';
import { name, page, pageQuery, processInstanceUuid, timestamp, variables, versionText } from './common.ts';
import { exactly } from '../exactly.ts';

export const instanceState = z.enum(['STARTED', 'SUSPENDED', 'FINISHED', 'TERMINATED', 'CANCELLED', 'EXPIRED']);
export type InstanceState = z.infer<typeof instanceState>;

/** Whether it has not ended. */
export function isRunning(state: InstanceState): boolean {
  return state === 'STARTED' || state === 'SUSPENDED';
}

export const tokenStatus = z.enum([
  'ARRIVED',
  'EXECUTING',
  'WAITING_MESSAGE_EVENT',
  'WAITING_SIGNAL_EVENT',
  'WAITING_CONDITION',
  'WAITING_TIMER_EVENT',
  'WAITING_MESSAGE',
  'WAITING_USER',
  'MESSAGE_RECEIVED',
  'EXECUTED_PARTIAL',
  'INCIDENT',
]);
export type TokenStatus = z.infer<typeof tokenStatus>;

/** An action of the node that a token is at. */
export const nodeAction = z
  .object({
    name: z.string(),
    trigger: z.enum(['MANUAL', 'AUTOMATIC']).describe('Executed by the action call, or by itself'),
    required: z.enum(['MANDATORY', 'OPTIONAL']).describe('Whether the token waits for it'),
    repeatable: z.boolean(),
    callback: z.boolean().describe('It waits for the reply to what its parent has sent'),
    parent: z.string().optional().describe('The action that it follows'),
    state: z.enum(['WAITING', 'EXECUTING', 'EXECUTED']),
    executions: z.int().describe('How often it has been executed'),
  })
  .meta({ id: 'NodeAction' });
export type NodeAction = z.infer<typeof nodeAction>;

export const token = z
  .object({
    id: z.string().describe('Names the token in the action call'),
    node: z.string().describe('The element of the model that the token is at'),
    nodeName: z.string().optional(),
    nodeType: z.string().describe('`serviceTask`, `userTask`, …'),
    status: tokenStatus,
    since: timestamp,
    actions: z.array(z.string()).describe('What the action call accepts here now'),
    nodeActions: z.array(nodeAction).optional().describe('All actions of the node, if it has any'),
    backTo: z.array(z.string()).optional().describe('Nodes that the token may be moved back to'),
  })
  .meta({ id: 'Token' });
export type Token = z.infer<typeof token>;

export const incidentSummary = z.object({
  id: z.string(),
  kind: z.string(),
  message: z.string(),
  node: z.string().optional(),
  raisedAt: timestamp,
});

export const instanceSummary = z
  .object({
    processInstanceUuid,
    definition: z.string(),
    version: z.int(),
    businessKey: z.string().optional(),
    flowName: z.string().optional(),
    state: instanceState,
    stage: z.string().optional().describe('That of the last node with a stage that a token has come to'),
    startedAt: timestamp,
    expiresAt: timestamp.optional().describe('It ends then as EXPIRED, unless it has ended before'),
    endedAt: timestamp.optional(),
    incidents: z.int().describe('How many are open'),
  })
  .meta({ id: 'InstanceSummary' });
export type InstanceSummary = z.infer<typeof instanceSummary>;

const calledInstance = z.object({ processInstanceUuid, definition: z.string(), state: instanceState });

export const instanceStatus = instanceSummary
  .extend({
    tokens: z.array(token),
    milestones: z
      .array(z.object({ name: z.string(), node: z.string(), reachedAt: timestamp }))
      .describe('Those it has reached, the latest last'),
    variables,
    incidents: z.array(incidentSummary),
    parent: z
      .object({ processInstanceUuid, tokenId: z.string() })
      .optional()
      .describe('The instance whose call activity called this one'),
    children: z.array(calledInstance).describe('Instances that its call activities have called, the newest first'),
  })
  .meta({ id: 'InstanceStatus' });
export type InstanceStatus = z.infer<typeof instanceStatus>;

export const startParams = z.object({ name });
export const startQuery = exactly({
  version: versionText.optional().describe('The newest without it'),
  versionTag: name.optional().describe('The newest with this tag; not together with `version`'),
  businessKey: z.string().min(1).max(limits.businessKeyLengthMax).optional(),
  flowName: z
    .string()
    .min(1)
    .max(limits.flowNameLengthMax)
    .optional()
    .describe('The flow that it belongs to: shown, and filtered by'),
  expiresIn: duration(limits.expiryMsMax)
    .optional()
    .describe('The instance ends as EXPIRED by then; instead of what the model says'),
  wait: z.enum(['completed']).optional().describe('Answer only when the instance has ended, with its result'),
  timeout: duration(limits.waitMsMax).optional().describe('How long `wait` may take, 30s by default'),
});
export const idempotencyHeaders = z.object({
  'idempotency-key': z
    .string()
    .min(1)
    .max(limits.idempotencyKeyLengthMax)
    .optional()
    .describe('A retry with the same key returns the same instance; kept for 24 h after the instance has ended'),
});

export const startAnswer = z
  .object({
    processInstanceUuid,
    definition: z.string(),
    version: z.int(),
    businessKey: z.string().optional(),
    flowName: z.string().optional(),
    state: instanceState,
    tokens: z.array(token),
    variables: variables.optional().describe('With `wait=completed`: the result'),
  })
  .meta({ id: 'StartAnswer' });
export type StartAnswer = z.infer<typeof startAnswer>;

export const inheritParams = z.object({ name, uuid: processInstanceUuid });
export const inheritBody = exactly({
  paramsToCopy: z.array(z.string()).optional().describe('Only these; all without it'),
  withoutParams: z.array(z.string()).optional().describe('All but these'),
  variables: variables.optional().describe('Set over what was copied'),
});

export const instanceParams = z.object({ uuid: processInstanceUuid });
export const listInstancesQuery = exactly({
  ...pageQuery.shape,
  definition: name.optional(),
  state: instanceState.optional(),
  businessKey: z.string().min(1).max(limits.businessKeyLengthMax).optional(),
  flowName: z.string().min(1).max(limits.flowNameLengthMax).optional(),
  stage: name.optional().describe('In this stage, or last in it'),
});
export const listInstancesAnswer = page(instanceSummary);

export const actionParams = z.object({ uuid: processInstanceUuid, tokenId: name, name });
export const actionAnswer = z.object({ processInstanceUuid, state: instanceState, tokens: z.array(token) });
export type ActionAnswer = z.infer<typeof actionAnswer>;

export const backParams = z.object({ uuid: processInstanceUuid, tokenId: name });
export const backBody = z
  .strictObject({
    node: name.optional().describe('One that the token has passed, with a `millrace:back`; the last such without it'),
    variables: variables.optional().describe('Process variables to set'),
    removeVariables: z
      .array(name)
      .max(limits.operationsMax)
      .optional()
      .describe('Besides those that the model removes'),
    withOthers: z
      .boolean()
      .optional()
      .describe('Tokens that have come of the node by other ways end too; else they are in the way'),
  })
  .optional();

export const suspendBody = exactly({ reason: z.string().max(1_000).optional() }).optional();
export const modifyBody = exactly({
  activate: z
    .array(
      exactly({
        node: z.string().min(1).describe('The element to put a token into'),
        scope: z.string().min(1).optional().describe('The token of the sub-process around it, if several run'),
        variables: variables.optional().describe('Local to the new token'),
      }),
    )
    .max(limits.operationsMax)
    .default([]),
  terminate: z
    .array(
      z.union([
        exactly({ token: z.string().min(1).describe('One token') }),
        exactly({ node: z.string().min(1).describe('All tokens at an element') }),
      ]),
    )
    .max(limits.operationsMax)
    .default([]),
  variables: variables.optional().describe('Process variables to set before'),
});

export const migrateBody = exactly({
  version: z.int().min(1).describe('The version to go on by'),
  definition: name.optional().describe('Another process; the same without it'),
  mapping: z
    .record(z.string(), z.string())
    .default({})
    .describe(
      'Ids of elements (and of flows with waiting tokens) that have changed, from old to new; of an activity that could be undone and is not to be any more, from old to the empty text',
    ),
});

export const activateParams = z.object({ uuid: processInstanceUuid, tokenId: name });
export const activateBody = exactly({
  elements: z
    .array(name)
    .min(1)
    .max(1_000)
    .describe('Elements of the ad-hoc sub-process that no sequence flow leads to'),
  variables: variables.optional().describe('Set in the sub-process before they begin'),
});

export const cancelBody = exactly({ reason: z.string().max(1_000).optional() }).optional();
export const setVariablesBody = variables;
