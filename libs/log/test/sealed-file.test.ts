import { SimulatedDisk } from '@millrace/testing';
import { describe, expect, it } from 'vitest';

import { readSealed, replaceSealed, replaceSealedAsync } from '../src/sealed-file.ts';

describe('a sealed file', () => {
  it('replaced at once while it is replaced in its time keeps the newer content', async () => {
    const disk = new SimulatedDisk();
    let isOutdated = false;
    const slow = replaceSealedAsync(disk, '/file', { version: 'older' }, () => isOutdated);
    replaceSealed(disk, '/file', { version: 'newer' });
    isOutdated = true;
    await slow;
    expect(readSealed(disk, '/file')).toEqual({ content: { version: 'newer' } });
  });

  it.for([['at once', replaceSealed] as const, ['in its time', replaceSealedAsync] as const])(
    'replaced %s is the old or the new one after a crash at any operation',
    async ([, replace]) => {
      for (let operation = 1; ; operation++) {
        for (const names of [0, 1, 2, 3]) {
          const disk = new SimulatedDisk();
          replaceSealed(disk, '/file', { version: 'old' });
          const before = disk.operations;
          disk.crashAfter(operation);
          let isDone = false;
          try {
            await replace(disk, '/file', { version: 'new' });
            isDone = true;
          } catch {
            // The disk is gone.
          }
          const found = readSealed(disk.restart({ names: (count) => Math.min(names, count) }), '/file');
          expect(isDone ? ['new'] : ['old', 'new']).toContain(
            (found as { content: { version: string } }).content.version,
          );
          if (isDone) expect(disk.operations - before).toBeLessThan(operation);
          if (isDone && names === 3) return;
        }
      }
    },
  );

  it('shorter than the one before has nothing of it', () => {
    const disk = new SimulatedDisk();
    replaceSealed(disk, '/file', { text: 'x'.repeat(100) });
    replaceSealed(disk, '/file', { text: 'y' });
    expect(readSealed(disk, '/file')).toEqual({ content: { text: 'y' } });
  });

  it('is known to be damaged, whichever bit of it flips, and to be missing', () => {
    const sound = new SimulatedDisk();
    replaceSealed(sound, '/file', { text: 'sound' });
    expect(readSealed(sound, '/other')).toBeUndefined();
    for (let byte = 0; byte < sound.readFile('/file').length; byte++) {
      const disk = new SimulatedDisk();
      replaceSealed(disk, '/file', { text: 'sound' });
      disk.flipBit('/file', byte, byte % 8);
      expect(readSealed(disk, '/file'), `byte ${byte}`).toBe('damaged');
    }
  });
});
