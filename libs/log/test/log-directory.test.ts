import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { SimulatedDisk, seededRandom, VirtualClock } from '@millrace/testing';
import { describe, expect, it, onTestFinished } from 'vitest';

import { LogDirectory, type LogDirectoryOptions } from '../src/log-directory.ts';
import { plain } from './support/batches.ts';
import { appended, client, recordsOf } from './support/partition.ts';

function open(disk: SimulatedDisk, options: Partial<LogDirectoryOptions> = {}): Promise<LogDirectory> {
  const defaults = { path: '/data', fsync: 'always', clock: new VirtualClock(), random: seededRandom(1) } as const;
  return LogDirectory.open({ ...defaults, disk, ...options });
}

const orders = { name: 'orders', partitions: 2, configs: { 'retention.ms': '-1' } };

function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'millrace-log-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

describe('the data directory', () => {
  it('keeps topics, their identity, configuration and records over restarts, clean or not', async () => {
    const disk = new SimulatedDisk();
    const first = await open(disk);
    const created = first.createTopic(orders);
    const log = first.partition('orders', 1);
    appended(log!.append(plain('a'), client));
    await log!.sync();

    const killed = await open(disk.restart());
    expect(killed.id).toBe(first.id);
    expect(killed.wasClean).toBe(false);
    expect([...killed.topics()]).toEqual([created]);
    expect(recordsOf(killed.partition('orders', 1)!)).toEqual(['0:a']);
    expect(killed.partition('orders', 1)?.config.retentionMs).toBe(-1);
    expect(killed.partition('orders', 2)).toBeUndefined();
  });

  it('knows whether it was closed in order, once', async () => {
    const disk = new SimulatedDisk();
    const first = await open(disk);
    first.createTopic(orders);
    await first.close();
    const second = await open(disk);
    expect(second.wasClean).toBe(true);
    expect((await open(disk.restart())).wasClean).toBe(false);
  });

  it('is not clean after a partition went offline', async () => {
    const disk = new SimulatedDisk();
    const first = await open(disk);
    first.createTopic(orders);
    disk.failOn(({ kind }) => (kind === 'write' ? new Error('EIO') : undefined));
    first.partition('orders', 0)?.append(plain('a'), client);
    disk.failOn(() => undefined);
    await first.close();
    expect((await open(disk)).wasClean).toBe(false);
  });

  it('refuses a topic that exists and a configuration it does not understand', async () => {
    const directory = await open(new SimulatedDisk());
    directory.createTopic(orders);
    expect(directory.createTopic(orders)).toMatchObject({ error: 'TOPIC_ALREADY_EXISTS' });
    expect(directory.createTopic({ ...orders, name: 'x', configs: { what: '1' } })).toMatchObject({
      error: 'INVALID_CONFIG',
    });
    expect(directory.deleteTopic('nothing')).toMatchObject({ error: 'UNKNOWN_TOPIC_OR_PARTITION' });
  });

  it('adds partitions and changes configuration of open logs', async () => {
    const disk = new SimulatedDisk();
    const directory = await open(disk);
    directory.createTopic(orders);
    expect(directory.createPartitions('orders', 4)).toMatchObject({ partitions: 4 });
    appended(directory.partition('orders', 3)!.append(plain('a'), client));
    directory.setConfigs('orders', { 'max.message.bytes': '10' });
    expect(directory.partition('orders', 0)?.append(plain('a'), client)).toMatchObject({ error: 'MESSAGE_TOO_LARGE' });
    const reopened = await open(disk.restart());
    expect(reopened.topic('orders')).toMatchObject({ partitions: 4, configs: { 'max.message.bytes': '10' } });
  });

  // REFERENCE §2: 40. M1.
  it('deletes a topic for good; one of the same name begins anew, with another id', async () => {
    const disk = new SimulatedDisk();
    const directory = await open(disk);
    const created = directory.createTopic(orders);
    const log = directory.partition('orders', 0)!;
    appended(log.append(plain('a'), client));
    await log.sync();
    expect(directory.deleteTopic('orders')).toEqual({});
    expect(log.state).toMatchObject({ kind: 'offline' });
    expect(disk.list('/data').filter((name) => name.startsWith('orders'))).toEqual([]);
    const again = directory.createTopic(orders);
    expect((again as { id: string }).id).not.toBe((created as { id: string }).id);
    expect(directory.partition('orders', 0)).toMatchObject({ logStartOffset: 0, logEndOffset: 0 });
    expect(directory.partition('orders', 0)?.producers()).toEqual([]);
  });

  it('survives a crash at any operation of creating and deleting topics, whatever it keeps', async () => {
    for (let operation = 1; ; operation++) {
      let isDone = false;
      for (const share of [0, 0.5, 1]) {
        const disk = new SimulatedDisk();
        disk.crashAfter(operation);
        const events: string[] = [];
        try {
          const directory = await open(disk);
          const did = (event: string, result: object): void => {
            if ('error' in result) throw new Error(`expected ${event}`);
            events.push(event);
          };
          did('created a', directory.createTopic({ ...orders, name: 'a' }));
          const log = directory.partition('a', 0)!;
          log.append(plain('of the first'), client);
          await log.sync();
          events.push('wrote');
          did('created b', directory.createTopic({ ...orders, name: 'b' }));
          did('deleted a', directory.deleteTopic('a'));
          did('created a again', directory.createTopic({ ...orders, name: 'a' }));
          isDone = true;
        } catch {
          // The disk is gone.
        }
        const next = disk.restart({ keep: () => 'all', names: (count) => Math.floor(count * share) });
        const reopened = await open(next);
        const names = Array.from(reopened.topics(), ({ name }) => name).sort();
        const label = `crash in operation ${operation} after ${events.join(', ')}`;
        const latest = events.at(-1);
        if (latest === 'created a' || latest === 'wrote') expect(names, label).toContain('a');
        if (latest === 'created b') expect(names, label).toContain('b');
        if (latest === 'deleted a' && !isDone) expect(names, label).toContain('b');
        if (latest === 'wrote' || latest === 'created b') {
          const records = names.includes('a') ? recordsOf(reopened.partition('a', 0)!) : [];
          // Not acknowledged, the deletion may have happened; nothing of a topic ever shows in its successor.
          if (names.includes('a')) expect(records, label).toEqual(['0:of the first']);
        }
        if (latest === 'deleted a' || latest === 'created a again') {
          if (names.includes('a')) expect(recordsOf(reopened.partition('a', 0)!), label).toEqual([]);
        }
        for (const name of names)
          for (const p of [0, 1]) expect(reopened.partition(name, p)?.state.kind).toBe('online');
        const left = next.list('/data').filter((entry) => /-\d|deleted/.test(entry));
        expect(left, label).toEqual(names.flatMap((name) => [`${name}-0`, `${name}-1`]));
      }
      if (isDone) break;
    }
  });

  // M2.
  it('of another version, or with damaged metadata, is refused and left as it is', async () => {
    const disk = new SimulatedDisk();
    const directory = await open(disk);
    directory.createTopic(orders);
    await directory.close();
    const broken = disk.restart();
    broken.flipBit('/data/topics', 20, 0);
    await expect(open(broken)).rejects.toMatchObject({ code: 'METADATA_DAMAGED' });
    expect(broken.exists('/data/orders-0')).toBe(true);

    const { replaceSealed } = await import('../src/sealed-file.ts');
    replaceSealed(broken, '/data/format', { format: 'millrace-log', version: 2, id: 'x' });
    await expect(open(broken)).rejects.toThrow(
      'expected a data directory of format millrace-log 1, found millrace-log 2 in /data',
    );
    broken.remove('/data/format');
    await expect(open(broken)).rejects.toMatchObject({ code: 'METADATA_DAMAGED' });
  });

  it('that becomes ours keeps what is in it', async () => {
    const disk = new SimulatedDisk();
    disk.makeDirectory('/data/holiday-2024');
    await open(disk);
    expect(disk.exists('/data/holiday-2024')).toBe(true);
  });

  // R2.
  it('has on the device what it found after a kill, of every partition, before it is open', async () => {
    const disk = new SimulatedDisk();
    const first = await open(disk);
    first.createTopic({ name: 'orders', partitions: 9, configs: {} });
    for (let partition = 0; partition < 9; partition++) {
      appended(first.partition('orders', partition)!.append(plain(`v${partition}`), client));
    }
    const killed = disk.kill();
    const second = await open(killed);
    expect(second.recoveries()).toHaveLength(9);
    // Nobody wrote since, and the power goes.
    const third = await open(killed.restart());
    for (let partition = 0; partition < 9; partition++) {
      expect(recordsOf(third.partition('orders', partition)!)).toEqual([`0:v${partition}`]);
    }
  });

  it('applies retention on its own, in its interval', async () => {
    const clock = new VirtualClock();
    const directory = await open(new SimulatedDisk(), { clock, intervals: { retentionCheckMs: 1000 } });
    directory.createTopic({
      name: 'short',
      partitions: 1,
      configs: { 'segment.bytes': '1024', 'retention.bytes': '700', 'retention.ms': '-1' },
    });
    const log = directory.partition('short', 0)!;
    for (let index = 0; index < 5; index++) appended(log.append(plain('x'.repeat(600)), client));
    await log.sync();
    expect(log.logStartOffset).toBe(0);
    await clock.advanceAsync(1000);
    expect(log.logStartOffset).toBe(3);
    await directory.close();
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('on a real disk, the data directory', () => {
  it('belongs to one opener at a time, who is named, and is free again after', async () => {
    const path = temporaryDirectory();
    const first = await LogDirectory.open({ path, fsync: 'always' });
    await expect(LogDirectory.open({ path, fsync: 'always' })).rejects.toMatchObject({
      code: 'DIRECTORY_LOCKED',
      message: `expected ${path} to be free, process ${process.pid} uses it`,
    });
    await first.close();
    await (await LogDirectory.open({ path, fsync: 'always' })).close();
  });

  it('keeps topics and records', async () => {
    const path = temporaryDirectory();
    const first = await LogDirectory.open({ path, fsync: 'always' });
    first.createTopic(orders);
    const log = first.partition('orders', 0)!;
    for (const text of 'abc') appended(log.append(plain(text), client));
    await log.sync();
    await first.close();
    const second = await LogDirectory.open({ path, fsync: 'never' });
    expect(second.wasClean).toBe(true);
    expect(recordsOf(second.partition('orders', 0)!)).toEqual(['0:a', '1:b', '2:c']);
    await second.close();
  });

  it('that cannot be one is refused with the reason', async () => {
    const opening = LogDirectory.open({ path: '/dev/null/data', fsync: 'always' });
    await expect(opening).rejects.toMatchObject({ code: 'DIRECTORY_UNUSABLE' });
  });
});
