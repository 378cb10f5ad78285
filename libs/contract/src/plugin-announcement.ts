import { z } from 'zod';

const jsonSchema = z.record(z.string(), z.unknown()).describe('JSON Schema 2020-12');

/** A plugin says what it is: one record on `core.plugins.v1`, keyed by its type, the newest wins. */
export const pluginAnnouncement = z
  .object({
    version: z.literal(1),
    type: z.string().min(1).describe('The job type it answers: reads `plugin.{type}.v1`'),
    title: z.string().optional(),
    description: z.string().optional(),
    sdk: z.object({ name: z.string(), version: z.string() }).optional(),
    input: jsonSchema.optional(),
    output: jsonSchema.optional(),
    errors: z.array(z.object({ code: z.string(), description: z.string().optional() })).optional(),
    announcedAt: z.iso.datetime(),
  })
  .meta({ id: 'PluginAnnouncement' });
export type PluginAnnouncement = z.infer<typeof pluginAnnouncement>;
