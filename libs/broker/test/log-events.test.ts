import { appendFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VirtualClock } from '@millrace/testing';
import { describe, expect, it } from 'vitest';
import {
  createTopic,
  fetch,
  type LogLine,
  produce,
  type RunningBroker,
  recordsOf,
  startBroker,
} from './running-broker.ts';
import { unreliableDisk } from './unreliable-disk.ts';
import { waitFor } from './wait-for.ts';

const LOG_FILE = '00000000000000000000.log';

function lineOf(broker: RunningBroker, message: string): LogLine | undefined {
  return broker.lines.find((line) => line.message === message);
}

describe('the log of the broker', () => {
  it('says after a stop that was not in order how much was checked, and what was cut off where', async () => {
    const first = await startBroker();
    const connection = await first.connect();
    await createTopic(connection, 'orders');
    await produce(connection, 'orders', recordsOf('a'));
    const copy = mkdtempSync(join(tmpdir(), 'millrace-broker-crash-'));
    cpSync(first.directory, copy, { recursive: true, filter: (path) => !/\/lock[^/]*$/.test(path) });
    appendFileSync(join(copy, 'orders-0', LOG_FILE), 'torn');
    try {
      const broker = await startBroker({ dataDirectory: copy });
      expect(lineOf(broker, 'partition was cut behind its last whole batch')).toMatchObject({
        level: 'warn',
        fields: { partition: 'orders-0', truncatedBytes: 4, removedSegments: 0, logEndOffset: 1 },
      });
      const checked = lineOf(broker, 'the last stop was not in order: checked what was not saved');
      expect(checked).toMatchObject({ level: 'warn', fields: { partitions: 1 } });
      expect(checked?.fields['checkedBytes']).toBeGreaterThan(60);
      expect((await fetch(await broker.connect(), 'orders')).highWatermark).toBe(1);
      await broker.broker.close();
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  });

  it('says nothing of the kind after a stop in order', async () => {
    const broker = await startBroker();
    const connection = await broker.connect();
    await createTopic(connection, 'orders');
    await produce(connection, 'orders', recordsOf('a'));
    await broker.restart();
    expect(broker.lines.filter(({ level }) => level === 'warn')).toEqual([]);
  });

  it('names a partition that went offline and the reason, once', async () => {
    const disk = unreliableDisk();
    const broker = await startBroker({ disk });
    const connection = await broker.connect();
    await createTopic(connection, 'orders');
    disk.failing = { writesTo: 'orders-0' };
    for (const value of ['a', 'b']) await produce(connection, 'orders', recordsOf(value));
    expect(broker.lines.filter(({ message }) => message === 'partition is offline')).toEqual([
      {
        level: 'error',
        message: 'partition is offline',
        fields: { partition: 'orders-0', error: 'ENOSPC: no space left' },
      },
    ]);
    disk.failing = {};
  });

  it('tells of old segments that were removed', async () => {
    const clock = new VirtualClock();
    const broker = await startBroker({ clock, logIntervals: { retentionCheckMs: 1000 } });
    const connection = await broker.connect();
    await createTopic(connection, 'orders', { configs: { 'retention.ms': '60000' } });
    await produce(connection, 'orders', [{ timestamp: clock.now(), value: 'a' }]);
    expect(lineOf(broker, 'old segments were removed')).toBeUndefined();
    await waitFor(() => {
      clock.advance(1000);
      return lineOf(broker, 'old segments were removed') !== undefined;
    });
    expect(lineOf(broker, 'old segments were removed')).toMatchObject({
      level: 'info',
      fields: { partition: 'orders-0', logStartOffset: 1, segments: 1 },
    });
  });
});
