import { describe, expect, it } from 'vitest';

import { SimulatedCrash, SimulatedDisk } from '../src/index.ts';

const text = (value: string): Buffer => Buffer.from(value);

async function synced(): Promise<SimulatedDisk> {
  const disk = new SimulatedDisk();
  const file = disk.open('/a', { create: true });
  file.write(text('synced'), 0);
  await file.datasync();
  disk.syncDirectory('/');
  return disk;
}

describe('a simulated disk', () => {
  it('reads back what was written, with zeros in gaps', () => {
    const disk = new SimulatedDisk();
    const file = disk.open('/a', { create: true });
    file.write(text('xy'), 2);
    file.writeAll([text('c'), text('de')], 4);
    expect(disk.readFile('/a').toString('latin1')).toBe('\0\0xycde');
    const target = Buffer.alloc(10);
    expect(file.read(target, 5)).toBe(2);
    file.truncate(3);
    expect(file.size()).toBe(3);
  });

  it('knows names as a file system does', () => {
    const disk = new SimulatedDisk();
    disk.makeDirectory('/x/y');
    disk.open('/x/y/b', { create: true });
    disk.open('/x/y/a', { create: true });
    expect(disk.list('/x/y')).toEqual(['a', 'b']);
    expect(disk.list('/x')).toEqual(['y']);
    disk.rename('/x/y', '/x/z');
    expect(disk.list('/x/z')).toEqual(['a', 'b']);
    disk.remove('/x/z');
    expect(disk.exists('/x/z/a')).toBe(false);
    for (const call of [
      () => disk.open('/x/z/a'),
      () => disk.open('/no/a', { create: true }),
      () => disk.readFile('/n'),
    ]) {
      expect(call).toThrow('ENOENT');
    }
  });

  it('lets a removed file be used by who has it open', () => {
    const disk = new SimulatedDisk();
    const file = disk.open('/a', { create: true });
    disk.remove('/a');
    file.write(text('still'), 0);
    expect(file.size()).toBe(5);
  });

  // S1.
  it('keeps through a crash what was synced, and the rest only as told', async () => {
    for (const [keep, expected] of [
      ['nothing', 'synced'],
      ['all', 'synced, and more'],
      [{ bytes: 3 }, 'synced, a'],
    ] as const) {
      const disk = await synced();
      disk.open('/a').write(text(', and more'), 6);
      expect(
        disk
          .restart({ keep: () => keep })
          .readFile('/a')
          .toString(),
      ).toBe(expected);
    }
  });

  // S2.
  it('may keep a later write and lose an earlier one', async () => {
    const disk = await synced();
    disk.open('/a').write(text('early '), 6);
    disk.open('/a').write(text('late'), 12);
    const after = disk.restart({ keep: (index) => (index === 1 ? 'all' : 'nothing') });
    expect(after.readFile('/a').toString('latin1')).toBe('synced\0\0\0\0\0\0late');
  });

  // S3.
  it('keeps of names that were not synced a prefix', async () => {
    for (const [count, expected] of [
      [0, ['a']],
      [1, ['a', 'b']],
      [2, ['b', 'c']],
    ] as const) {
      const disk = await synced();
      disk.open('/b', { create: true });
      disk.rename('/a', '/c');
      expect(disk.restart({ names: () => count }).list('/')).toEqual(expected);
    }
  });

  it('covers by a sync what was written before it began, not after', async () => {
    const disk = await synced();
    const file = disk.open('/a');
    file.write(text('!'), 6);
    const sync = file.datasync();
    file.write(text('?'), 7);
    await sync;
    expect(disk.restart().readFile('/a').toString()).toBe('synced!');
  });

  // S4.
  it('dies in the operation it is told, and with it everything that used it', async () => {
    const disk = await synced();
    const file = disk.open('/a');
    disk.crashAfter(2);
    file.write(text('1'), 6);
    expect(() => file.write(text('2'), 7)).toThrow(SimulatedCrash);
    expect(() => file.size()).toThrow(SimulatedCrash);
    expect(() => disk.list('/')).toThrow(SimulatedCrash);
    expect(
      disk
        .restart({ keep: () => 'all' })
        .readFile('/a')
        .toString(),
    ).toBe('synced12');
  });

  // S5.
  it('keeps through the death of the process what was written, and through a power loss after it only what was synced', async () => {
    const disk = await synced();
    disk.open('/a').write(text('!'), 6);
    disk.open('/b', { create: true });
    const next = disk.kill();
    expect(next.readFile('/a').toString()).toBe('synced!');
    expect(next.list('/')).toEqual(['a', 'b']);
    const last = next.restart();
    expect(last.readFile('/a').toString()).toBe('synced');
    expect(last.list('/')).toEqual(['a']);
  });

  it('fails, is full and lies as it is told', async () => {
    const disk = await synced();
    const file = disk.open('/a');
    disk.failOn(({ kind }) => (kind === 'sync' ? new Error('EIO') : undefined));
    await expect(file.datasync()).rejects.toThrow('EIO');
    expect(() => file.datasyncNow()).toThrow('EIO');
    disk.failOn(() => undefined);
    disk.setFreeBytes(2);
    expect(() => file.write(text('abc'), 6)).toThrow('ENOSPC');
    expect(disk.readFile('/a').toString()).toBe('syncedab');
    disk.liesAboutSync = true;
    await file.datasync();
    expect(disk.restart().readFile('/a').toString()).toBe('synced');
  });

  it('decays by a bit, on the device as well', async () => {
    const disk = await synced();
    disk.flipBit('/a', 0, 5);
    expect(disk.readFile('/a').toString()).toBe('Synced');
    expect(disk.restart().readFile('/a').toString()).toBe('Synced');
  });
});
