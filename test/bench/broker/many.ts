/** A thousand partitions and a thousand consumers in a hundred groups: what the broker takes when little and when nothing happens. */
import { type Client, createClient, type GroupMember } from '@millrace/client';

import type { ServedProcess } from '../served-process.ts';
import type { Row } from '../table.ts';
import { Pipeline } from './pipeline.ts';
import { withBroker } from './processes.ts';
import { createTopic, produceRequest, readyBatch } from './requests.ts';

const GROUPS = 100;
const MEMBERS = 10;
const SETTLE_MS = 3_000;
const MEASURED_MS = 10_000;
const PER_SECOND = 1_000;

export function measureMany(): Promise<Row[]> {
  return withBroker('always', async (broker) => {
    await pause(SETTLE_MS);
    const idle = await steady(broker);
    const rows: Row[] = [
      {
        what: 'idle: resident memory, processor',
        value: `${idle.megabytes} MB, ${idle.share} %`,
        against: 'mark: 100 MB',
      },
    ];
    const topics = Array.from({ length: GROUPS }, (_, index) => `many-${index}`);
    for (const topic of topics) await createTopic(broker.port, topic, MEMBERS);
    const members = topics.flatMap((topic) => Array.from({ length: MEMBERS }, () => join(broker.port, topic)));
    await Promise.all(members.map(({ hasPartition }) => hasPartition));
    await pause(SETTLE_MS);
    const what = `${GROUPS * MEMBERS} partitions, ${GROUPS * MEMBERS} consumers in ${GROUPS} groups`;
    const quiet = await steady(broker);
    rows.push({ what: `${what}, nothing to read`, value: `${quiet.megabytes} MB, ${quiet.share} %`, against: '' });

    const producer = await Pipeline.open(broker.port);
    const batch = readyBatch('one record', 200).bytes;
    const requests = topics.flatMap((topic) =>
      Array.from({ length: MEMBERS }, (_, partition) => produceRequest(topic, partition, batch, -1)),
    );
    const readBefore = members.reduce((sum, member) => sum + member.records, 0);
    const pace = { perSecond: PER_SECOND, forMs: MEASURED_MS };
    const [busy] = await Promise.all([steady(broker), producer.paced(requests, pace, () => {})]);
    const read = members.reduce((sum, member) => sum + member.records, 0) - readBefore;
    const perSecond = ((read * 1000) / MEASURED_MS).toFixed(0);
    rows.push({ what: `${what}, ${perSecond} records/s`, value: `${busy.megabytes} MB, ${busy.share} %`, against: '' });
    producer.close();
    await Promise.all(members.map((member) => member.leave()));
    return rows;
  });
}

interface Consuming {
  readonly hasPartition: Promise<void>;
  readonly records: number;
  leave(): Promise<void>;
}

/** A client of its own for each consumer, as if each were a process. */
function join(port: number, topic: string): Consuming {
  const client: Client = createClient({ brokers: [`127.0.0.1:${port}`], clientId: 'many' });
  const consumer = client.consumer();
  const assigned = Promise.withResolvers<void>();
  let records = 0;
  const member: GroupMember = client.group({
    groupId: `group-${topic}`,
    topics: [topic],
    sessionTimeoutMs: 30_000,
    onAssign(partitions) {
      for (const partition of partitions) consumer.add({ ...partition, offset: 0 });
      if (partitions.length === 1) assigned.resolve();
    },
    onRevoke(partitions) {
      for (const partition of partitions) consumer.remove(partition);
    },
    onFailure: (error) => assigned.reject(error),
  });
  member.start();
  void (async () => {
    for await (const fetched of consumer) records += fetched.records.length;
  })();
  return {
    hasPartition: assigned.promise,
    get records() {
      return records;
    },
    async leave() {
      consumer.close();
      await member.stop();
      client.close();
    },
  };
}

async function steady(broker: ServedProcess): Promise<{ readonly megabytes: string; readonly share: string }> {
  const [cpuBefore, began] = [broker.cpuSeconds(), performance.now()];
  await pause(MEASURED_MS);
  const share = (broker.cpuSeconds() - cpuBefore) / ((performance.now() - began) / 1000);
  return { megabytes: broker.residentMegabytes().toFixed(0), share: (share * 100).toFixed(1) };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
