import { z } from 'zod';
import { name, timestamp } from './common.ts';

export const decisionParams = z.object({ id: name });

export const decisionEntry = z
  .object({
    id: z.string().describe('The id of the decision in the model'),
    name: z.string().optional(),
    version: z.int().describe('Counts from 1 for each decision'),
    model: z.string().describe('The id of the model (its `<definitions>`) that the decision came with'),
    modelVersion: z.int(),
    file: z.string().describe('The name of the file'),
    deployedAt: timestamp,
  })
  .meta({ id: 'Decision' });
export type DecisionEntry = z.infer<typeof decisionEntry>;

export const decisionsAnswer = z.object({ items: z.array(decisionEntry) });

export const decisionVersionsAnswer = z.object({ id: z.string(), versions: z.array(decisionEntry) });

const traced = z.unknown().describe('As JSON: dates and durations are ISO 8601 text');

const tableTrace = z
  .object({
    tableId: z.string().optional(),
    inputs: z.array(z.object({ id: z.string().optional(), text: z.string(), value: traced })),
    fired: z
      .array(
        z.object({
          ruleId: z.string().optional(),
          index: z.int().describe('From 1'),
          outputs: z.record(z.string(), z.unknown()),
        }),
      )
      .describe('The rules that fired, in their order'),
  })
  .meta({ id: 'DecisionTableTrace' });

const decisionTrace = z
  .object({
    decisionId: z.string(),
    name: z.string(),
    inputs: z.record(z.string(), z.unknown()).describe('What the decision required, by name'),
    value: traced,
    tables: z.array(tableTrace),
    warnings: z.array(z.object({ kind: z.string(), message: z.string() })).describe('Why something in it is null'),
  })
  .meta({ id: 'DecisionTrace' });

export const evaluationAnswer = z
  .object({
    id: z.string(),
    version: z.int(),
    value: z.unknown(),
    trace: z.array(decisionTrace).describe('Every decision that was evaluated, in order'),
  })
  .meta({ id: 'DecisionEvaluation' });
export type EvaluationAnswer = z.infer<typeof evaluationAnswer>;

export const formEntry = z
  .object({
    id: z.string().describe('The `id` within the form'),
    version: z.int().describe('Counts from 1 for each form'),
    file: z.string().describe('The name of the file'),
    deployedAt: timestamp,
  })
  .meta({ id: 'FormVersion' });
export type FormEntry = z.infer<typeof formEntry>;

export const formsAnswer = z.object({ items: z.array(formEntry) });

export const formAnswer = formEntry
  .extend({ form: z.record(z.string(), z.unknown()).describe('The form as it was deployed') })
  .meta({ id: 'Form' });
