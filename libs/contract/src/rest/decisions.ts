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
