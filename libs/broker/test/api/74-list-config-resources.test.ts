import { apis, errors } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import { createTopic, startBroker } from '../running-broker.ts';

describe('ListConfigResources', () => {
  it('lists what has a configuration, of the types that are asked for', async () => {
    const connection = await (await startBroker()).connect();
    await createTopic(connection, 'orders');
    const list = async (resourceTypes: number[], version = 1) =>
      connection.request(apis.listConfigResources, version, { resourceTypes });
    const all = await list([]);
    expect(all.configResources).toContainEqual({ resourceName: 'orders', resourceType: 2 });
    expect(all.configResources).toContainEqual({ resourceName: '1', resourceType: 4 });
    expect((await list([4])).configResources).toEqual([{ resourceName: '1', resourceType: 4 }]);
    expect((await list([16, 32])).configResources).toEqual([]);
    const value = '50000';
    await connection.request(apis.incrementalAlterConfigs, 1, {
      resources: [
        {
          resourceType: 32,
          resourceName: 'billing',
          configs: [{ name: 'consumer.session.timeout.ms', operation: 0, value }],
        },
      ],
      validateOnly: false,
    });
    expect((await list([16, 32])).configResources).toEqual([{ resourceName: 'billing', resourceType: 32 }]);
    expect((await list([], 0)).configResources).toEqual([]);
    expect(await list([2, 99])).toMatchObject({ errorCode: errors.UNSUPPORTED_VERSION.code, configResources: [] });
  });
});
