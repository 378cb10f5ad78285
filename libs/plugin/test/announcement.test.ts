import { pluginAnnouncement } from '@millrace/contract';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import manifest from '../package.json' with { type: 'json' };
import { announcementOf, sdk } from '../src/announcement.ts';
import { definePlugin } from '../src/index.ts';

describe('announcementOf', () => {
  it('says what a plugin takes and gives, as JSON Schema', () => {
    const plugin = definePlugin({
      type: 'credit-check',
      title: 'Credit check',
      input: z.object({ customerId: z.string(), at: z.coerce.date().optional() }),
      output: z.object({ score: z.number().int() }),
      errors: [{ code: 'UNKNOWN_CUSTOMER' }],
      handler: () => ({ score: 1 }),
    });
    const announcement = announcementOf(plugin, new Date(0));
    expect(pluginAnnouncement.parse(JSON.parse(JSON.stringify(announcement)))).toMatchObject({
      type: 'credit-check',
      title: 'Credit check',
      input: { type: 'object', properties: { customerId: { type: 'string' } }, required: ['customerId'] },
      output: { properties: { score: { type: 'integer' } } },
      errors: [{ code: 'UNKNOWN_CUSTOMER' }],
      announcedAt: '1970-01-01T00:00:00.000Z',
    });
  });

  it('names the version of this package', () => {
    expect(sdk).toEqual({ name: manifest.name, version: manifest.version });
  });
});

describe('definePlugin', () => {
  const schemas = { input: z.object({}), output: z.object({}), handler: () => ({}) };
  it.for<[string, object]>([
    ['an empty type', { type: ' ' }],
    ['a concurrency of none', { type: 't', concurrency: 0 }],
    ['a concurrency that is no whole number', { type: 't', concurrency: 1.5 }],
  ])('refuses %s', ([, definition]) => {
    expect(() => definePlugin({ ...schemas, type: 't', ...definition })).toThrow(TypeError);
  });
});
