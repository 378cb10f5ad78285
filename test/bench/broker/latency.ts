/** From handing a record to the socket to having it back from a long poll on another connection, at a thousand records a second. */
import type { Row } from '../table.ts';
import { percentile } from '../table.ts';
import { Pipeline } from './pipeline.ts';
import { type Fsync, withBroker, withCeiling } from './processes.ts';
import { createTopic, expectNoError, fetchRequest, nextOffsetOf, produceRequest, readyBatch } from './requests.ts';

const PER_SECOND = 1_000;
const WARM_UP_MS = 2_000;
const MEASURED_MS = 10_000;
const MAX_WAIT_MS = 500;
export const TOPIC = 'latency';

export async function measureLatency(): Promise<Row[]> {
  return [
    await measure('never', 1, 'p50 1 ms, p99 3 ms'),
    await measureBare(),
    await measure('always', 1, 'p50 1 ms, p99 3 ms'),
    await measure('always', -1, 'p50 1 ms, p99 5 ms'),
  ];
}

/** One way and back of the bare loop with a fdatasync between: what the device and the other users of this machine make of it. */
function measureBare(): Promise<Row> {
  return withCeiling({ fsync: 'always' }, async ({ port }) => {
    const client = await Pipeline.open(port);
    const sentAt: number[] = [];
    const samples: number[] = [];
    const request = produceRequest(TOPIC, 0, readyBatch('one record', 200).bytes, 1);
    const pace = {
      perSecond: PER_SECOND,
      forMs: WARM_UP_MS + MEASURED_MS,
      onSend: () => sentAt.push(performance.now()),
    };
    await client.paced([request], pace, () => samples.push(performance.now() - (sentAt[samples.length] ?? Number.NaN)));
    client.close();
    return {
      what: `bare loop, answers after fdatasync, ${PER_SECOND} records/s`,
      value: figures(samples.slice((WARM_UP_MS / 1000) * PER_SECOND)),
      against: '',
    };
  });
}

function figures(measured: readonly number[]): string {
  const [p50, p99, p999] = [0.5, 0.99, 0.999].map((share) => percentile(measured, share).toFixed(2));
  return `p50 ${p50} ms, p99 ${p99} ms, p99.9 ${p999} ms`;
}

function measure(fsync: Fsync, acks: 1 | -1, mark: string): Promise<Row> {
  return withBroker(fsync, async ({ port }) => {
    await createTopic(port, TOPIC);
    return {
      what: `end to end at ${PER_SECOND} records/s, ${acks === 1 ? 'acks=1' : 'acks=all'}, fsync ${fsync}`,
      value: figures(await endToEnd(port, acks)),
      against: `mark: ${mark}`,
    };
  });
}

/** Of each record of the topic `latency`, the ms between its sending and its coming back. */
export async function endToEnd(port: number, acks: 1 | -1): Promise<number[]> {
  const [producer, consumer] = [await Pipeline.open(port), await Pipeline.open(port)];
  const request = produceRequest(TOPIC, 0, readyBatch('one record', 200).bytes, acks);
  // By offset: every batch holds one record.
  const sentAt: number[] = [];
  const samples: number[] = [];
  const producing = new AbortController();
  const consuming = (async () => {
    for (let offset = 0; !producing.signal.aborted || offset < sentAt.length; ) {
      const next = nextOffsetOf(await consumer.request(fetchRequest(TOPIC, 0, offset, MAX_WAIT_MS))) ?? offset;
      const now = performance.now();
      for (; offset < next; offset++) samples.push(now - (sentAt[offset] ?? Number.NaN));
    }
  })();
  const pace = {
    perSecond: PER_SECOND,
    forMs: WARM_UP_MS + MEASURED_MS,
    onSend: () => sentAt.push(performance.now()),
  };
  await producer.paced([request], pace, expectNoError(TOPIC));
  producing.abort();
  await consuming;
  producer.close();
  consumer.close();
  return samples.slice((WARM_UP_MS / 1000) * PER_SECOND);
}
