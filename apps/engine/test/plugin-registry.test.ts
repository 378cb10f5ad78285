import { topicsOf } from '@millrace/bus';
import { expect, it } from 'vitest';
import { startPluginRegistry } from '../src/index.ts';
import { Mill } from './support/mill.ts';

it('reads the announcements again when their topic was made anew', async () => {
  const mill = await Mill.start();
  const topic = topicsOf('other.').plugins;
  const create = () => mill.client.admin.createTopics([{ name: topic, partitions: 1 }]);
  await create();
  const warnings: string[] = [];
  const logger = { warn: (_fields: object, message: string) => void warnings.push(message) };
  const registry = await startPluginRegistry(mill.client, topic, logger, 10);
  const announce = async (type: string): Promise<void> => {
    const value = Buffer.from(JSON.stringify({ version: 1, type, announcedAt: '2026-01-01T00:00:00Z' }));
    await mill.client.producer().send({ topic, key: Buffer.from(type), value, headers: [] });
  };
  const known = () => [...registry.all()].map(({ type }) => type);
  try {
    await announce('packer');
    await announce('sender');
    await expect.poll(known, { timeout: 20_000 }).toEqual(['packer', 'sender']);
    await mill.client.admin.deleteTopics([topic]);
    await create();
    await announce('printer');
    await expect.poll(known, { timeout: 20_000 }).toEqual(['printer']);
    expect(warnings).toContain('the announcements of plugins could not be read');
  } finally {
    await registry.close();
    await mill.end();
  }
});
