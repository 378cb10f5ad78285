/** The broker as a process of its own, on the machine of its client, with records of 100 bytes that are kept ready. */
import { compareConsuming } from './broker/consume.ts';
import { measureLatency } from './broker/latency.ts';
import { measureMany } from './broker/many.ts';
import { compareProducing } from './broker/produce.ts';
import { readyBatch } from './broker/requests.ts';
import type { Row } from './table.ts';

const batches = [readyBatch('16 KB', 16 * 1024), readyBatch('256 KB', 256 * 1024)];

export const brokerParts: Readonly<Record<string, () => Promise<readonly Row[]>>> = {
  produce: () => compareProducing(batches),
  consume: () => compareConsuming(batches),
  latency: measureLatency,
  many: measureMany,
};
