import { apis, errors, type Request } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import { createTopic, startBroker } from '../running-broker.ts';

type Asked = Request<typeof apis.describeTopicPartitions>;

async function broker() {
  const connection = await (await startBroker()).connect();
  await createTopic(connection, 'orders', { partitions: 3 });
  await createTopic(connection, 'bills', { partitions: 2 });
  return async (body: Partial<Asked>) => {
    const response = await connection.request(apis.describeTopicPartitions, 0, { topics: [], ...body });
    const told = response.topics.map(({ name, partitions }) => [name, ...partitions.map(({ partition }) => partition)]);
    return { ...response, told };
  };
}

const named = (...names: string[]) => names.map((name) => ({ name }));

describe('DescribeTopicPartitions', () => {
  it('tells what topics consist of, in the order of their names, and what is not there', async () => {
    const ask = await broker();
    const { topics, told, nextCursor } = await ask({ topics: named('orders', 'nowhere', 'bills', 'orders') });
    expect(told).toEqual([['bills', 0, 1], ['nowhere'], ['orders', 0, 1, 2]]);
    expect(topics[1]?.errorCode).toBe(errors.UNKNOWN_TOPIC_OR_PARTITION.code);
    expect(topics[0]?.partitions[0]).toMatchObject({
      errorCode: 0,
      leaderId: 1,
      leaderEpoch: 0,
      replicaNodes: [1],
      isrNodes: [1],
      eligibleLeaderReplicas: [],
    });
    expect(nextCursor).toBeNull();
  });

  it('goes on where a page ended, until all is told', async () => {
    const ask = await broker();
    const pages: unknown[] = [];
    let cursor: Asked['cursor'] = { topicName: 'a', partition: 0 };
    while (cursor !== null) {
      const { told, nextCursor } = await ask({
        topics: named('orders', 'bills'),
        responsePartitionLimit: 2,
        cursor,
      });
      pages.push(told);
      cursor = nextCursor;
    }
    expect(pages).toEqual([[['bills', 0, 1]], [['orders', 0, 1]], [['orders', 2]]]);
  });

  it('tells at least one partition, whatever the limit, and nothing behind the last topic', async () => {
    const ask = await broker();
    const { told, nextCursor } = await ask({ topics: named('orders'), responsePartitionLimit: 0 });
    expect(told).toEqual([['orders', 0]]);
    expect(nextCursor).toEqual({ topicName: 'orders', partition: 1 });
    expect((await ask({ cursor: { topicName: 'zzz', partition: 0 } })).told).toEqual([]);
  });

  it('tells all topics when none is named', async () => {
    const ask = await broker();
    const { told } = await ask({});
    expect(told.map(([name]) => name)).toEqual(['__consumer_offsets', '__transaction_state', 'bills', 'orders']);
  });
});
