/**
 * Producing batches that are kept ready, against the bare loops with the same batches. They take turns in short rounds and the
 * medians count, so that what else the machine does meanwhile hits all.
 */
import type { ServedProcess } from '../served-process.ts';
import type { Row } from '../table.ts';
import { Pipeline } from './pipeline.ts';
import { type Fsync, withBroker, withCeiling } from './processes.ts';
import { createTopic, deleteTopic, expectNoError, produceRequest, RECORD_BYTES, type ReadyBatch } from './requests.ts';

const ROUNDS = 5;
const WARM_UP_MS = 300;
const ROUND_MS = 1_000;
const IN_FLIGHT_BYTES = 4 * 1024 * 1024;

interface Measured {
  readonly perSecond: number;
  /** Of the serving process, for a million records. */
  readonly cpuSeconds: number;
}

export async function compareProducing(batches: readonly ReadyBatch[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const batch of batches) {
    for (const partitions of [1, 6]) {
      rows.push(await compare(batch, partitions, 'never', 1), await compare(batch, partitions, 'always', -1));
    }
  }
  return rows;
}

async function compare(batch: ReadyBatch, partitions: number, fsync: Fsync, acks: 1 | -1): Promise<Row> {
  const of: Record<'bare' | 'joined' | 'ours', Measured[]> = { bare: [], joined: [], ours: [] };
  await withCeiling({ fsync, files: partitions }, (bare) =>
    withCeiling({ fsync, files: partitions, writes: 'joined' }, (joined) =>
      withBroker(fsync, async (broker) => {
        // The first round warms all up.
        for (let round = 0; round <= ROUNDS; round++) {
          const topic = `bench-${round}`;
          await createTopic(broker.port, topic, partitions);
          const requests = Array.from({ length: partitions }, (_, partition) =>
            produceRequest(topic, partition, batch.bytes, acks),
          );
          of.bare.push(await produce(bare, batch, requests, () => {}));
          of.joined.push(await produce(joined, batch, requests, () => {}));
          of.ours.push(await produce(broker, batch, requests, expectNoError(topic)));
          await deleteTopic(broker.port, topic);
        }
      }),
    ),
  );
  for (const measured of Object.values(of)) measured.shift();
  const share = (loop: readonly Measured[]): string => {
    const ratios = of.ours.map(({ perSecond }, round) => perSecond / (loop[round]?.perSecond ?? Number.NaN));
    return `${(median(ratios) * 100).toFixed(0)} %`;
  };
  const durably = acks === 1 ? 'acks=1' : 'acks=all, group commit';
  const bareFigure = figure(median(of.bare.map(({ perSecond }) => perSecond)));
  const [ours, bare, joined] = [of.ours, of.bare, of.joined].map(cpuMs);
  return {
    what: `produce, ${durably}, ${partitions} partition${partitions > 1 ? 's' : ''}, ${batch.name} batches, fsync ${fsync}`,
    value: figure(median(of.ours.map(({ perSecond }) => perSecond))),
    against:
      `${share(of.bare)} of the bare loop (${bareFigure}), mark: 80 %; ${share(of.joined)} of one that joins its writes; ` +
      `${ours} ms of processor for a million, bare ${bare}, joined ${joined}`,
  };
}

/** Records per second that are acknowledged. */
export async function produce(
  server: ServedProcess,
  batch: ReadyBatch,
  requests: readonly (readonly Buffer[])[],
  check: (answer: Buffer) => void,
): Promise<Measured> {
  const client = await Pipeline.open(server.port);
  const inFlight = Math.max(2, Math.floor(IN_FLIGHT_BYTES / batch.bytes.length));
  await client.repeat(requests, inFlight, WARM_UP_MS, check);
  const cpuBefore = server.cpuSeconds();
  const { answers, ms } = await client.repeat(requests, inFlight, ROUND_MS, check);
  const records = answers * batch.records;
  client.close();
  return { perSecond: (records * 1000) / ms, cpuSeconds: ((server.cpuSeconds() - cpuBefore) * 1e6) / records };
}

function cpuMs(measured: readonly Measured[]): string {
  return (median(measured.map(({ cpuSeconds }) => cpuSeconds)) * 1000).toFixed(0);
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

export function figure(perSecond: number): string {
  return `${(perSecond / 1e6).toFixed(2)} M records/s, ${((perSecond * RECORD_BYTES) / 1e6).toFixed(0)} MB/s`;
}
