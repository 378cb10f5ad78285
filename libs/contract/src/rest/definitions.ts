import { z } from 'zod';
import { pluginAnnouncement } from '../plugin-announcement.ts';
import { name, timestamp, versionText } from './common.ts';
import { decisionEntry, formEntry } from './decisions.ts';
import { exactly } from '../exactly.ts';

export const definitionParams = z.object({ name });
export const definitionQuery = exactly({ version: versionText.optional() });

export const definitionEntry = z
  .object({
    name: z.string().describe('The id of the process in the model'),
    title: z.string().optional().describe('The name of the process in the model'),
    version: z.int().describe('Counts from 1 within a name'),
    versionTag: z.string().optional(),
    deployedAt: timestamp,
    state: z.enum(['ACTIVE', 'SUSPENDED']).describe('SUSPENDED: no version of the process starts instances'),
    suspendedAt: timestamp.optional(),
    suspensionReason: z.string().optional(),
  })
  .meta({ id: 'Definition' });
export type DefinitionEntry = z.infer<typeof definitionEntry>;

const includeInstances = z
  .boolean()
  .optional()
  .describe('The same for its instances, those that it calls left out, by a batch');
export const suspendDefinitionBody = exactly({
  reason: z.string().min(1).max(1_000).optional(),
  includeInstances,
}).optional();
export const resumeDefinitionBody = exactly({ includeInstances }).optional();
export const definitionStateAnswer = definitionEntry
  .extend({ batchId: z.string().optional().describe('Of `GET /api/batches/{id}`, for the instances') })
  .meta({ id: 'DefinitionState' });
export type DefinitionStateAnswer = z.infer<typeof definitionStateAnswer>;

export const deploymentAnswer = z
  .object({
    definitions: z.array(
      definitionEntry.extend({ isNew: z.boolean().describe('False: the same model was deployed already') }),
    ),
    decisions: z.array(decisionEntry.extend({ isNew: z.boolean() })),
    forms: z.array(formEntry.extend({ isNew: z.boolean() })),
    warnings: z.array(
      z.object({
        file: z.string().optional(),
        elementId: z.string().optional(),
        rule: z.string().optional(),
        message: z.string(),
        mend: z.string().optional(),
      }),
    ),
  })
  .meta({ id: 'Deployment' });
export type DeploymentAnswer = z.infer<typeof deploymentAnswer>;

export const pluginsAnswer = z.object({ items: z.array(pluginAnnouncement) });

export const checkAnswer = z
  .object({
    isDeployable: z.boolean(),
    issues: z.array(
      z.object({
        file: z.string().optional(),
        elementId: z.string().optional().describe('The element to mark in the modeller'),
        rule: z.string().optional().describe('Stable; for programs'),
        severity: z.enum(['error', 'warning']).optional(),
        message: z.string(),
        mend: z.string().optional().describe('What to do about it'),
      }),
    ),
  })
  .meta({ id: 'DeploymentCheck' });
export type CheckAnswer = z.infer<typeof checkAnswer>;

export const definitionsAnswer = z.object({ items: z.array(definitionEntry) });
export const definitionVersionsAnswer = z.object({ name: z.string(), versions: z.array(definitionEntry) });
