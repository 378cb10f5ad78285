/** What people do to running instances beside tasks: messages, signals, conditions, incidents. */
import { z } from 'zod';
import { duration } from '../duration.ts';
import { name, page, pageQuery, processInstanceUuid, timestamp, variables } from './common.ts';
import { exactly } from '../exactly.ts';

export const messageBody = exactly({
  name: name.describe('The name of the message in the model'),
  correlationKey: z.string().max(1_024).default('').describe('Empty for a message start event'),
  variables: variables.optional(),
  timeToLive: duration(7 * 24 * 3_600_000)
    .optional()
    .describe('How long the message waits for somebody to subscribe (30s, PT30S); not at all without it'),
  messageId: z.string().min(1).max(256).optional().describe('The same id is taken once while the message is alive'),
});
export const messageAnswer = z
  .object({
    name: z.string(),
    correlationKey: z.string(),
    outcome: z
      .enum(['CORRELATED', 'HELD', 'BUFFERED', 'NOT_CORRELATED', 'DUPLICATE'])
      .describe('HELD: only suspended instances wait for it, and one takes it when it is resumed'),
    reached: z.array(z.object({ processInstanceUuid, node: z.string().optional() })).describe('Whom it reached'),
    heldBy: z
      .array(z.object({ processInstanceUuid, node: z.string() }))
      .optional()
      .describe('Suspended instances that wait for it'),
  })
  .meta({ id: 'MessageAnswer' });
export type MessageAnswer = z.infer<typeof messageAnswer>;

export const messageEntry = z
  .object({
    id: z.string(),
    name: z.string(),
    correlationKey: z.string(),
    messageId: z.string().optional(),
    state: z
      .enum(['BUFFERED', 'HELD', 'EXPIRED'])
      .describe(
        'BUFFERED: it lives, and nobody has taken it yet. HELD: a suspended instance will. EXPIRED: nobody ever did',
      ),
    publishedAt: timestamp,
    expiresAt: timestamp.optional().describe('Absent when it was not to wait at all'),
  })
  .meta({ id: 'Message' });
export type MessageEntry = z.infer<typeof messageEntry>;
export const listMessagesQuery = exactly({
  ...pageQuery.shape,
  state: messageEntry.shape.state,
  name: name.optional(),
  correlationKey: z.string().max(1_024).optional(),
});
export const listMessagesAnswer = page(messageEntry);

export const signalBody = exactly({
  name: name.describe('The name of the signal in the model'),
  variables: variables.optional(),
  signalId: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('The same id within a day is answered as the first time, and nothing happens'),
});
export const signalAnswer = z
  .object({
    name: z.string(),
    count: z.int().describe('How many it reached: waiting elements, and processes it started'),
    reached: z.array(z.object({ processInstanceUuid, node: z.string() })).describe('The first of them, up to 100'),
  })
  .meta({ id: 'SignalAnswer' });
export type SignalAnswer = z.infer<typeof signalAnswer>;

export const conditionsBody = exactly({
  definition: name.optional().describe('Only this process'),
  variables: variables.optional().describe('What the conditions see, and what each started instance begins with'),
});
export const conditionsAnswer = z
  .object({
    started: z
      .array(z.object({ processInstanceUuid, definition: z.string(), node: z.string() }))
      .describe('An instance of each process whose condition holds'),
  })
  .meta({ id: 'ConditionsAnswer' });
export type ConditionsAnswer = z.infer<typeof conditionsAnswer>;

export const incident = z
  .object({
    id: z.string(),
    processInstanceUuid,
    definition: z.string(),
    node: z.string().optional(),
    kind: z.string(),
    message: z.string(),
    raisedAt: timestamp,
    resolvedAt: timestamp.optional(),
  })
  .meta({ id: 'Incident' });
export type Incident = z.infer<typeof incident>;

export const listIncidentsQuery = exactly({
  ...pageQuery.shape,
  definition: name.optional(),
  processInstanceUuid: processInstanceUuid.optional(),
});
export const listIncidentsAnswer = page(incident);
export const incidentParams = z.object({ id: name });
export const resolveIncidentBody = exactly({
  variables: variables.optional().describe('Corrected values, set before the retry'),
  retries: z.int().min(1).max(1_000).optional().describe('Attempts of the job from now on'),
}).optional();
