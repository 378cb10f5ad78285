/** What the measurements send, made once: nothing of it is encoded while the clock runs. */
import { apis, BatchBuilder, decodeResponse, encodeRequest } from '@millrace/wire';

import { Pipeline } from './pipeline.ts';

export const RECORD_BYTES = 100;
const FETCH_BYTES = 1024 * 1024;
const PRODUCE_VERSION = 7;
const FETCH_VERSION = 11;

export interface ReadyBatch {
  readonly name: string;
  readonly bytes: Buffer;
  readonly records: number;
}

export function readyBatch(name: string, bytesMax: number): ReadyBatch {
  const builder = new BatchBuilder(bytesMax);
  const value = Buffer.alloc(RECORD_BYTES, 'millrace ');
  const timestamp = Date.now();
  // A record is a few bytes more than its value.
  while (builder.sizeInBytes + RECORD_BYTES + 20 <= bytesMax) builder.append({ timestamp, value });
  const records = builder.recordCount;
  return { name, records, bytes: builder.seal() };
}

export function produceRequest(topic: string, partition: number, batch: Buffer, acks: 1 | -1): Buffer[] {
  return encodeRequest(
    { api: apis.produce, version: PRODUCE_VERSION, correlationId: 1, clientId: 'bench' },
    { acks, timeoutMs: 30_000, topics: [{ name: topic, partitions: [{ partition, records: [batch] }] }] },
  );
}

/** The error code lies behind the correlation id, one topic with its name, and one partition. */
export function expectNoError(topic: string): (answer: Buffer) => void {
  const at = 4 + 4 + 2 + topic.length + 4 + 4;
  return (answer) => {
    const code = answer.readInt16BE(at);
    if (code !== 0) throw new Error(`expected the broker to accept a batch, found error ${code}`);
  };
}

export function fetchRequest(topic: string, partition: number, fetchOffset: number, maxWaitMs = 0): Buffer[] {
  const partitions = [{ partition, fetchOffset, partitionMaxBytes: FETCH_BYTES }];
  const topics = [{ name: topic, partitions }];
  return encodeRequest(
    { api: apis.fetch, version: FETCH_VERSION, correlationId: 1, clientId: 'bench' },
    { maxWaitMs, minBytes: 1, maxBytes: FETCH_BYTES, isolationLevel: 0, topics, rackId: '' },
  );
}

/** Behind the last batch, or undefined for none. Walks the batches by their headers, as any client has to. */
export function nextOffsetOf(answer: Buffer): number | undefined {
  const { topics } = decodeResponse(apis.fetch, FETCH_VERSION, answer).body;
  const partition = topics[0]?.partitions[0];
  if (partition === undefined || partition.errorCode !== 0) {
    throw new Error(`expected records, found error ${partition?.errorCode}`);
  }
  const records = partition.records ?? Buffer.alloc(0);
  let next: number | undefined;
  for (let at = 0; at < records.length; at += 12 + records.readInt32BE(at + 8)) {
    next = Number(records.readBigInt64BE(at)) + records.readInt32BE(at + 23) + 1;
  }
  return next;
}

export async function createTopic(port: number, name: string, numPartitions = 1): Promise<void> {
  const topic = { name, numPartitions, replicationFactor: 1, assignments: [], configs: [] };
  const request = encodeRequest(
    { api: apis.createTopics, version: 4, correlationId: 1, clientId: 'bench' },
    { topics: [topic], timeoutMs: 10_000 },
  );
  const answer = decodeResponse(apis.createTopics, 4, await once(port, request)).body;
  if (answer.topics[0]?.errorCode !== 0)
    throw new Error(`expected ${name} to be created: ${answer.topics[0]?.errorMessage}`);
}

/** Also takes what the page cache has not written yet off the hands of the device. */
export async function deleteTopic(port: number, name: string): Promise<void> {
  const request = encodeRequest(
    { api: apis.deleteTopics, version: 3, correlationId: 1, clientId: 'bench' },
    { topicNames: [name], timeoutMs: 10_000 },
  );
  await once(port, request);
}

async function once(port: number, request: readonly Buffer[]): Promise<Buffer> {
  const client = await Pipeline.open(port);
  const answer = await client.request(request);
  client.close();
  return answer;
}
