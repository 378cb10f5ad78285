import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Store } from '../src/store.ts';

describe('the store', () => {
  let directory: string;
  let store: Store;
  const open = (boot: string | undefined = 'boot-1'): Store =>
    Store.open({ directory: join(directory, 'p0'), bytesMax: 64 * 1024 * 1024, boot });
  const position = { nextEvent: 7, nextCommand: 3, sequence: 6, last: { offset: 6, digest: 'd' } };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'millrace-store-'));
    store = open();
  });
  afterEach(async () => {
    await store.close();
    rmSync(directory, { recursive: true });
  });

  it('keeps rows and position over a restart', async () => {
    store.write([['job/1', '{"a":1}']], position);
    await store.close();
    store = open();
    expect(store.position()).toEqual(position);
    expect(store.get('job', '1')).toEqual({ a: 1 });
  });

  it('writes all of a commit or nothing', () => {
    store.write([['job/1', '{}']], position);
    const failing = function* (): Generator<readonly [string, string]> {
      yield ['job/2', '{}'];
      throw new Error('no more');
    };
    expect(() => store.write(failing(), { ...position, nextEvent: 9 })).toThrow('no more');
    expect(store.get('job', '2')).toBeUndefined();
    expect(store.position()).toEqual(position);
  });

  it('ranges over one table alone, in byte order', () => {
    store.write(
      [
        ['job/b', '{}'],
        ['job/a', '{}'],
        ['job/a/x', '{}'],
        ['jobs/a', '{}'],
        ['jo/z', '{}'],
      ],
      position,
    );
    expect([...store.range('job', '', undefined)].map(([key]) => key)).toEqual(['a', 'a/x', 'b']);
    expect([...store.range('job', 'a/', 'b')].map(([key]) => key)).toEqual(['a/x']);
  });

  it('is thrown away when the machine was booted since', async () => {
    store.write([['job/1', '{}']], position);
    await store.close();
    store = open('boot-2');
    expect(store.position()).toBeUndefined();
    expect([...store.all()]).toEqual([]);
  });

  it('is made anew from a file that is no store', async () => {
    await store.close();
    rmSync(join(directory, 'p0', 'rows'), { recursive: true });
    mkdirSync(join(directory, 'p0', 'rows'));
    writeFileSync(join(directory, 'p0', 'rows', 'data.mdb'), 'x'.repeat(20_000));
    store = open();
    expect(store.position()).toBeUndefined();
  });

  describe('offers to a checkpoint', () => {
    it('what changed, each as it is now, and what went as gone', () => {
      store.load([
        ['job/old', '{}'],
        ['job/kept', '{}'],
      ]);
      store.loaded(position);
      store.write(
        [
          ['job/new', '{"n":1}'],
          ['job/old', undefined],
        ],
        position,
      );
      store.write([['job/new', '{"n":2}']], position);
      expect(store.beginCheckpoint()).toEqual([
        ['job/new', '{"n":2}'],
        ['job/old', undefined],
      ]);
    });

    it('nothing of a row that came and went between two checkpoints', () => {
      store.write([['job/1', '{}']], position);
      store.write([['job/1', undefined]], position);
      expect(store.beginCheckpoint()).toEqual([]);
    });

    it('a tombstone for a row that came and went while one was under way', () => {
      store.write([['job/1', '{}']], position);
      const changes = store.beginCheckpoint();
      store.write([['job/1', undefined]], position);
      store.endCheckpoint(changes, true);
      expect(store.beginCheckpoint()).toEqual([['job/1', undefined]]);
    });

    it('nothing that the last one had, but all that a failed one had', () => {
      store.write([['job/1', '{}']], position);
      store.endCheckpoint(store.beginCheckpoint(), false);
      const changes = store.beginCheckpoint();
      expect(changes).toEqual([['job/1', '{}']]);
      store.endCheckpoint(changes, true);
      expect(store.beginCheckpoint()).toEqual([]);
    });

    it('still the same after a restart with the store', async () => {
      store.write([['job/1', '{}']], position);
      await store.close();
      store = open();
      store.write([['job/1', undefined]], position);
      expect(store.beginCheckpoint()).toEqual([['job/1', undefined]]);
    });
  });
});
