import { apis, errors } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import { createTopic, startBroker } from '../running-broker.ts';

describe('AlterReplicaLogDirs', () => {
  it('leaves replicas in the one directory, and knows no other', async () => {
    const connection = await (await startBroker()).connect();
    await createTopic(connection, 'orders');
    const { results } = await connection.request(apis.describeLogDirs, 4, { topics: null });
    const move = async (path: string, name = 'orders', partition = 0) => {
      const dirs = [{ path, topics: [{ name, partitions: [partition] }] }];
      const response = await connection.request(apis.alterReplicaLogDirs, 2, { dirs });
      return response.results[0]?.partitions[0]?.errorCode;
    };
    const logDir = results[0]?.logDir ?? '';
    expect(await move(logDir)).toBe(errors.NONE.code);
    expect(await move(logDir, 'orders', 1)).toBe(errors.REPLICA_NOT_AVAILABLE.code);
    expect(await move(logDir, 'nowhere')).toBe(errors.REPLICA_NOT_AVAILABLE.code);
    expect(await move('/elsewhere')).toBe(errors.LOG_DIR_NOT_FOUND.code);
  });
});
