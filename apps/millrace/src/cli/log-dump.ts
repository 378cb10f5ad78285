import { isUtf8 } from 'node:buffer';
import { setImmediate } from 'node:timers/promises';

import { type DumpedBatch, dumpBatches } from '@millrace/log';
import { messageOf, systemDisk } from '@millrace/std';

import { partitionsAt } from './log-partitions.ts';
import type { Terminal } from './terminal.ts';

export interface DumpOptions {
  readonly records?: boolean;
  readonly from?: number;
  readonly limit?: number;
}

const STRIDE = 256;

/** `millrace log dump path`: what lies in the files, damaged or not. */
export async function dump(out: Terminal, path: string, options: DumpOptions): Promise<void> {
  let count = 0;
  for (const partition of partitionsAt(path)) {
    let segment = '';
    for (const batch of dumpBatches(systemDisk, partition, options.from)) {
      if (count++ === options.limit) return;
      // Who reads the other end of a pipe may have gone; that is only heard between two turns.
      if (count % STRIDE === 0) await setImmediate();
      const records = options.records === true ? readableRecords(batch) : undefined;
      if (out.json) {
        out.value({ partition: partition.name, ...fieldsOf(batch), ...(records === undefined ? {} : { records }) });
        continue;
      }
      if (batch.segment !== segment) out.line(out.style('bold', `${partition.name}/${batch.segment}`));
      segment = batch.segment;
      out.line(`  ${lineOf(out, batch)}`);
      if (typeof records === 'string') out.line(`    ${out.style('red', records)}`);
      else for (const record of records ?? []) out.line(`    ${JSON.stringify(record)}`);
    }
  }
}

function fieldsOf({ segment, position, header, flaw, control }: DumpedBatch): object {
  const { baseOffset, lastOffset, recordCount, sizeInBytes, codec, timestampType } = header;
  const { baseTimestamp, maxTimestamp, producerId, producerEpoch, baseSequence, partitionLeaderEpoch } = header;
  return {
    segment,
    position,
    baseOffset,
    lastOffset,
    recordCount,
    sizeInBytes,
    codec,
    timestampType,
    baseTimestamp,
    maxTimestamp,
    producerId,
    producerEpoch,
    baseSequence,
    isTransactional: header.isTransactional,
    control: control ?? null,
    partitionLeaderEpoch,
    flaw: flaw === 'ok' ? null : flaw,
  };
}

function lineOf(out: Terminal, { position, header, flaw, control }: DumpedBatch): string {
  const { baseOffset, lastOffset, recordCount, sizeInBytes, codec, maxTimestamp, producerId } = header;
  const parts = [
    `offsets ${baseOffset} to ${lastOffset}`,
    `at ${position}`,
    `${sizeInBytes} bytes`,
    `${recordCount} records`,
    codec,
    timeOf(maxTimestamp),
  ];
  if (producerId >= 0) {
    parts.push(`producer ${producerId} epoch ${header.producerEpoch} sequence ${header.baseSequence}`);
  }
  if (control !== undefined) parts.push(out.style('yellow', control));
  else if (header.isTransactional) parts.push('transactional');
  if (flaw !== 'ok') parts.push(out.style('red', flaw));
  return parts.join('  ');
}

/** A date can hold less than a timestamp may claim. */
function timeOf(timestamp: number): string {
  const date = new Date(timestamp);
  return Number.isNaN(date.getTime()) ? `time ${timestamp}` : date.toISOString();
}

function readableRecords(batch: DumpedBatch): object[] | string {
  try {
    return batch.records().map(({ offset, timestamp, key, value, headers }) => ({
      offset,
      timestamp,
      key: shown(key),
      value: shown(value),
      ...(headers.length === 0 ? {} : { headers: headers.map((header) => [header.key, shown(header.value)]) }),
    }));
  } catch (error) {
    return messageOf(error);
  }
}

/** Text as text, anything else in base64. */
function shown(bytes: Buffer | null): string | { readonly base64: string } | null {
  if (bytes === null) return null;
  return isUtf8(bytes) ? bytes.toString('utf8') : { base64: bytes.toString('base64') };
}
