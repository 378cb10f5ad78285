import { type CrashOutcome, type Keep, SimulatedDisk, seededRandom } from '@millrace/testing';
import { describe, expect, it } from 'vitest';

import { next, plain, type TestProducer } from './support/batches.ts';
import { client, coordinator, openPartition, recordsOf } from './support/partition.ts';
import { config, expectRecovered, run, type Write } from './support/workload.ts';

/** S2, S3: what a crash may keep of what was not synced. */
function outcomes(seed: number): [string, CrashOutcome | 'kill'][] {
  const random = seededRandom(seed);
  const chance = (): boolean => random.fraction() < 0.5;
  const torn = (): Keep => ({ bytes: Math.floor(random.fraction() * 150) });
  return [
    ['nothing', {}],
    ['the page cache', 'kill'],
    ['everything', { keep: () => 'all', names: (count) => count }],
    ['everything but the end of the last write', { keep: (i, n) => (i === n - 1 ? torn() : 'all'), names: (n) => n }],
    ['any part', { keep: () => (chance() ? 'all' : chance() ? torn() : 'nothing'), names: (count) => count }],
    ['names only', { names: (count) => count }],
    ['contents, and some names', { keep: () => 'all', names: (count) => Math.floor(random.fraction() * (count + 1)) }],
  ];
}

async function operationsOfRun(write: Write = 'now'): Promise<number> {
  const disk = new SimulatedDisk();
  const { log } = await run(disk, write);
  expect(log?.state.kind).toBe('online');
  await log?.close();
  return disk.operations;
}

describe('a crash', () => {
  it.for<{ write: Write; operationsMin: number }>([
    { write: 'now', operationsMin: 60 },
    { write: 'later', operationsMin: 55 },
  ])(
    'at any operation of the disk, whatever it keeps, leaves what was acknowledged, and the rest whole or absent: batches written $write',
    { timeout: 120_000 },
    async ({ write, operationsMin }) => {
      const operations = await operationsOfRun(write);
      expect(operations).toBeGreaterThan(operationsMin);
      for (let operation = 1; operation <= operations; operation++) {
        for (const [name, outcome] of outcomes(operation)) {
          const disk = new SimulatedDisk();
          disk.crashAfter(operation);
          const { log, knowledge } = await run(disk, write);
          await log?.close();
          const label = `crash in operation ${operation}, keeping ${name}`;
          try {
            const second = outcome === 'kill' ? disk.kill() : disk.restart(outcome);
            const recovered = expectRecovered(second, knowledge);
            // R2. What recovery has shown is durable: a power loss right after takes nothing of it.
            const shown = recordsOf(recovered);
            const third = expectRecovered(second.restart(), { ...knowledge, acknowledgedEnd: recovered.logEndOffset });
            expect(recordsOf(third)).toEqual(shown);
            expectGoesOn(third, knowledge.producers);
          } catch (error) {
            throw new Error(label, { cause: error });
          }
        }
      }
    },
  );

  it('in recovery itself is recovered from', async () => {
    for (const at of [15, 40, 70]) {
      const disk = new SimulatedDisk();
      disk.crashAfter(at);
      const { knowledge } = await run(disk);
      for (let operation = 1; ; operation++) {
        const second = disk.restart({ keep: (i, n) => (i === n - 1 ? { bytes: 40 } : 'all'), names: (n) => n });
        second.crashAfter(operation);
        let isDone = false;
        try {
          openPartition({ disk: second, config });
          isDone = true;
        } catch {
          // The disk is gone.
        }
        expectRecovered(second.restart({ keep: () => 'all', names: (count) => count }), knowledge);
        if (isDone) break;
      }
    }
  });

  it('that tears the last batch at any byte leaves the batches before it', async () => {
    const last = plain('a last batch, of which a part is there');
    for (let bytes = 0; bytes <= last.length; bytes++) {
      const { log, disk } = openPartition();
      log.append(plain('a'), client);
      await log.sync();
      log.append(plain('b'), client);
      log.append(Buffer.from(last), client);
      const keep = (index: number, count: number): Keep => (index === count - 1 ? { bytes } : 'all');
      const recovered = openPartition({ disk: disk.restart({ keep }) }).log;
      const isWhole = bytes === last.length;
      expect(recovered.logEndOffset).toBe(isWhole ? 3 : 2);
      expect(recovered.recovery.truncatedBytes).toBe(isWhole ? 0 : bytes);
      expect(recordsOf(recovered).slice(0, 2)).toEqual(['0:a', '1:b']);
    }
  });

  it('that tears a write of several batches at any byte leaves those that are whole, and no part of the next', async () => {
    const batches = ['first', 'second', 'third'].map((text) => plain(text));
    const ends = batches.map((_, index) => batches.slice(0, index + 1).reduce((sum, { length }) => sum + length, 0));
    for (let bytes = 0; bytes <= (ends.at(-1) as number); bytes++) {
      const { log, disk } = openPartition();
      for (const batch of batches) log.append(Buffer.from(batch), { ...client, write: 'later' });
      log.write();
      const recovered = openPartition({ disk: disk.restart({ keep: () => ({ bytes }) }) }).log;
      const whole = ends.filter((end) => end <= bytes);
      expect(recovered.logEndOffset).toBe(whole.length);
      expect(recovered.recovery.truncatedBytes).toBe(bytes - (whole.at(-1) ?? 0));
    }
  });

  it('of the process alone, which leaves the page cache, loses nothing that was written', async () => {
    const { log, disk } = openPartition();
    log.append(plain('a'), client);
    log.append(plain('b'), client);
    const recovered = openPartition({ disk: disk.kill() }).log;
    expect(recordsOf(recovered)).toEqual(['0:a', '1:b']);
    expect(recovered.recovery).toMatchObject({ truncatedBytes: 0, removedSegments: 0 });
  });
});

describe('a drive that lies about syncs', () => {
  it('may lose what was acknowledged, but leaves a log that begins as it did', async () => {
    const operations = await operationsOfRun();
    for (let operation = 5; operation <= operations; operation++) {
      const random = seededRandom(operation);
      const disk = new SimulatedDisk();
      disk.crashAfter(operation);
      disk.liesAboutSync = true;
      const { knowledge } = await run(disk);
      const keep = (): Keep => (random.fraction() < 0.7 ? 'all' : 'nothing');
      const after = disk.restart({ keep, names: (count) => count });
      const { log } = openPartition({ disk: after, config, tailBytes: 0 });
      expect(log.state.kind).toBe('online');
      const kept = knowledge.appended.slice(0, log.logEndOffset);
      expect(recordsOf(log)).toEqual(kept.slice(log.logStartOffset));
      expectGoesOn(log, new Map());
    }
  });
});

describe('a flipped bit', () => {
  it('behind the recovery point cuts the log off before its batch, wherever it is', async () => {
    const batches = ['first', 'second', 'third'].map((text) => plain(text));
    const sizes = batches.map((batch) => batch.length);
    for (let byte = 0; byte < sizes.reduce((a, b) => a + b); byte++) {
      const { log, disk } = openPartition();
      for (const batch of batches) log.append(Buffer.from(batch), client);
      await log.sync();
      const after = disk.restart();
      after.flipBit('/orders-0/00000000000000000000.log', byte, byte % 8);
      const { log: recovered } = openPartition({ disk: after });
      let damaged = 0;
      for (let end = sizes[0] as number; end <= byte; end += sizes[damaged] as number) damaged++;
      // The leader epoch is before the checksum and says nothing to us: any value is sound.
      const inBatch = byte - sizes.slice(0, damaged).reduce((a, b) => a + b, 0);
      const isEpoch = inBatch >= 12 && inBatch < 16;
      if (isEpoch) continue;
      expect(recovered.logEndOffset, `byte ${byte}`).toBe(damaged);
      expect(recovered.recovery.truncatedBytes).toBeGreaterThan(0);
    }
  });
});

/** The log takes new records, also of producers that go on with what it has of them. */
function expectGoesOn(
  log: ReturnType<typeof openPartition>['log'],
  producers: ReadonlyMap<number, TestProducer>,
): void {
  const end = log.logEndOffset;
  expect(log.append(plain('more'), client)).toMatchObject({ baseOffset: end });
  for (const { producerId, producerEpoch, lastSequence } of log.producers()) {
    if (!producers.has(producerId) || lastSequence < 0) continue;
    const following = { producerId, producerEpoch, baseSequence: lastSequence + 1 };
    expect(log.append(next(following, ['goes on'], true), client)).not.toHaveProperty('error');
    expect(log.append(next({ ...following, baseSequence: lastSequence }, ['x'], true), client)).toMatchObject({
      isDuplicate: true,
    });
  }
  expect(
    log.append(next({ producerId: 9, producerEpoch: 0, baseSequence: -1 }, ['o'], true), coordinator),
  ).toMatchObject({ isDuplicate: false });
}
