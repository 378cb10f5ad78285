/** Fills a data directory with records of several producers, then closes it in order or dies. */
import { type Log, LogDirectory } from '@millrace/log';
import { BatchBuilder } from '@millrace/wire';

const [path = '', bytesText = '0', partitionsText = '1', end] = process.argv.slice(2);
const [bytes, partitions] = [Number(bytesText), Number(partitionsText)];

const BATCH_BYTES = 16 * 1024;
const PRODUCERS = 10;
/** Batches between two turns of the event loop, in which checkpoints go on. */
const STRIDE = 64;
/** Batches between two waits for the device, as producers with acks=all would wait. */
const SYNCED_STRIDE = (64 * 1024 * 1024) / BATCH_BYTES;

const directory = await LogDirectory.open({ path, fsync: 'always' });
// So many small segments as a broker with the usual 1 GB would have of large ones.
directory.createTopic({ name: 'bench', partitions, configs: { 'segment.bytes': String(64 * 1024 * 1024) } });
const logs = Array.from({ length: partitions }, (_, index) => directory.partition('bench', index) as Log);

const batches = Math.ceil(bytes / BATCH_BYTES);
for (let batch = 0; batch < batches; batch++) {
  const round = Math.floor(batch / partitions);
  const result = logs[batch % partitions]?.append(nextBatch(round % PRODUCERS, Math.floor(round / PRODUCERS)), {
    origin: 'client',
  });
  if (result?.error !== undefined) throw new Error(result.message);
  if (batch % STRIDE === 0) await new Promise((resolve) => void setImmediate(resolve));
  if (batch % SYNCED_STRIDE === 0) await Promise.all(logs.map((log) => log.sync()));
}
await Promise.all(logs.map((log) => log.sync()));
if (end === 'killed') process.kill(process.pid, 'SIGKILL');
await directory.close();

function nextBatch(producerId: number, count: number): Buffer {
  const builder = new BatchBuilder(BATCH_BYTES);
  const value = Buffer.alloc(1000, 'millrace ');
  const timestamp = Date.now();
  while (builder.sizeInBytes + value.length + 20 <= BATCH_BYTES) builder.append({ timestamp, value });
  return builder.seal({ producerId, producerEpoch: 0, baseSequence: count * builder.recordCount });
}
