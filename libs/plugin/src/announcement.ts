import type { PluginAnnouncement } from '@millrace/contract';
import { z } from 'zod';
import type { Plugin } from './plugin.ts';

/** Of the package's own manifest; a test keeps them equal. */
export const sdk = { name: '@millrace/plugin', version: '0.1.0' };

/** What a plugin says about itself on `core.plugins`: tools show it to whoever draws a process. */
export function announcementOf(plugin: Plugin, now: Date): PluginAnnouncement {
  return {
    version: 1,
    type: plugin.type,
    ...(plugin.title === undefined ? {} : { title: plugin.title }),
    ...(plugin.description === undefined ? {} : { description: plugin.description }),
    sdk,
    input: jsonSchema(plugin.input, 'input'),
    output: jsonSchema(plugin.output, 'output'),
    errors: [...plugin.errors],
    announcedAt: now.toISOString(),
  };
}

/** What JSON Schema cannot say (a refinement, a transform) is left out: an announcement describes, the schema itself checks. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  return z.toJSONSchema(schema, { io, unrepresentable: 'any' });
}
