import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Event, instanceId } from '@millrace/records';
import { seededRandom, VirtualClock } from '@millrace/testing';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Projection, startProjection } from '../src/index.ts';
import { MemoryLog } from './support/memory-log.ts';
import { story } from './support/story.ts';

const random = seededRandom(1);
const newId = (partition = 0): string => instanceId(partition, random.bytes(16));

describe('the projection', () => {
  let directory: string;
  const open: Projection[] = [];
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'millrace-projection-'));
  });
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close();
    rmSync(directory, { recursive: true, force: true });
  });
  const told: string[] = [];
  const logger = {
    info: (fields: object) => void told.push((fields as { because?: string }).because ?? ''),
    error: () => {},
  };
  const start = async (log: MemoryLog, name = 'models'): Promise<Projection> => {
    told.length = 0;
    const one = await startProjection({ log, directory: join(directory, name), clock: new VirtualClock(), logger });
    open.push(one);
    return one;
  };
  const close = async (one: Projection): Promise<void> => {
    open.splice(open.indexOf(one), 1);
    await one.close();
  };
  /** All that can be asked of the read models about these instances. */
  const picture = ({ queries }: Projection, ids: readonly string[]) => ({
    list: queries.instances({}, { limit: 100 }).rows,
    running: queries.instances({ state: 'STARTED' }, { limit: 100 }).rows,
    tasks: queries.tasks({}, { limit: 100 }).rows,
    incidents: queries.incidents({}, { limit: 100 }).rows,
    each: ids.map((id) => ({ tokens: queries.tokens(id), variables: queries.variables(id) })),
  });

  describe('folds', () => {
    let log: MemoryLog;
    let projection: Projection;
    const id = newId();
    const events = story(id, 1_000);
    const upTo = (kind: Event['kind']): Event[] =>
      events.slice(0, events.findIndex((event) => event.kind === kind) + 1);
    beforeEach(async () => {
      log = new MemoryLog(1);
      projection = await start(log);
    });

    it('tokens into where they are: in elements, and waiting at a join', () => {
      log.append(0, ...events.slice(0, 6));
      expect(projection.queries.tokens(id).map(({ elementId, status, count }) => [elementId, status, count])).toEqual([
        ['join', 'ARRIVED', 2],
        ['join', 'ARRIVED', 1],
      ]);
      log.append(0, ...events.slice(6, 10));
      expect(projection.queries.tokens(id)).toMatchObject([
        { elementId: 'review', status: 'WAITING_USER', action: 'complete' },
        { elementId: 'join', status: 'ARRIVED', count: 1 },
      ]);
    });

    it('variables of the process, and none that are local to an element', () => {
      log.append(0, ...upTo('task.completed'));
      expect(projection.queries.variables(id)).toEqual({ a: 1, b: 2, c: 3 });
    });

    it('tasks while they are open, and what became of them', () => {
      log.append(0, ...upTo('task.claimed'));
      expect(projection.queries.tasks({ candidateGroup: 'clerks' }, { limit: 1 }).rows).toMatchObject([
        { state: 'CLAIMED', assignee: 'ada', processId: 'p', instanceId: id },
      ]);
      log.append(0, ...events.slice(11));
      expect(projection.queries.tasks({}, { limit: 1 }).rows).toEqual([]);
    });

    it('what a task sees while it is there, its own before that of the scopes around it', () => {
      log.append(0, ...upTo('task.completed'));
      const task = events.find((event) => event.kind === 'task.created')?.elementKey ?? '';
      expect(projection.queries.visibleVariables(id, task)).toEqual({ a: 1, b: 2, c: 3, local: true });
      log.append(0, ...events.slice(14));
      expect(projection.queries.visibleVariables(id, task)).toEqual({ a: 1, b: 2, c: 3 });
    });

    it('incidents, at the token and on the instance, until they are resolved', () => {
      log.append(0, ...upTo('incident.raised'));
      expect(projection.queries.instance(id)?.openIncidents).toBe(1);
      expect(projection.queries.tokens(id)[0]?.incidentKey).toBeDefined();
      log.append(0, ...events.slice(15, 16));
      expect(projection.queries.instance(id)?.openIncidents).toBe(0);
      expect(projection.queries.tokens(id)[0]?.incidentKey).toBeUndefined();
      expect(projection.queries.incidents({}, { limit: 1 }).rows).toEqual([]);
    });

    it('an end into a result without tokens', () => {
      log.append(0, ...events);
      expect(projection.queries.instance(id)).toMatchObject({ state: 'FINISHED', endedAt: 1_000 });
      expect(projection.queries.tokens(id)).toEqual([]);
      expect(projection.queries.instances({ state: 'STARTED' }, { limit: 1 }).rows).toEqual([]);
      expect(projection.queries.instances({ businessKey: 'b' }, { limit: 1 }).rows).toHaveLength(1);
    });

    it('a second life of an id, which replaces the first', () => {
      log.append(0, ...upTo('task.created'));
      log.append(0, ...story(id, 2_000).slice(0, 3));
      expect(projection.queries.instances({}, { limit: 10 }).rows).toMatchObject([{ id, startedAt: 2_000 }]);
      expect(projection.queries.tokens(id)).toEqual([]);
      expect(projection.queries.variables(id)).toEqual({ a: 1, b: 1 });
    });
  });

  it('is the same however the log was cut into batches, and across restarts', async () => {
    const ids = [newId(0), newId(1), newId(0)];
    const whole = new MemoryLog(2);
    const events = ids.map((id, n) => story(id, 1_000 + n).slice(0, 10 + 4 * n));
    for (const [n, list] of events.entries()) whole.append(n % 2, ...list);
    const expected = picture(await start(whole, 'whole'), ids);
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
        fc.nat(20),
        async (sizes, restartAt) => {
          const log = new MemoryLog(2);
          run += 1;
          let projection = await start(log, `run-${run}`);
          let batches = 0;
          for (const [n, list] of events.entries()) {
            for (let at = 0; at < list.length; ) {
              const size = sizes[batches % sizes.length] as number;
              log.append(n % 2, ...list.slice(at, at + size));
              at += size;
              batches += 1;
              if (batches !== restartAt) continue;
              await close(projection);
              projection = await start(log, `run-${run}`);
            }
          }
          expect(picture(projection, ids)).toEqual(expected);
          await close(projection);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('lists in pages that hold everything once', async () => {
    const log = new MemoryLog(1);
    const projection = await start(log);
    const ids = Array.from({ length: 23 }, () => newId());
    // Some of them at the same time: the order is whole all the same.
    for (const [n, id] of ids.entries()) log.append(0, ...story(id, 1_000 + (n >> 2)).slice(0, 2));
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = projection.queries.instances({ definition: 'p' }, { limit: 4, cursor });
      seen.push(...page.rows.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(seen).toHaveLength(ids.length);
    expect(new Set(seen)).toEqual(new Set(ids));
    expect(() => projection.queries.instances({}, { limit: 1, cursor: 'bm8' })).toThrow('expected the nextCursor');
  });

  it('reads the history of one instance back, and nothing of the others', async () => {
    const log = new MemoryLog(2);
    const projection = await start(log);
    const [one, other] = [newId(1), newId(1)];
    const places: number[] = [];
    for (let n = 0; n < 300; n += 1) {
      const id = n % 3 === 0 ? one : other;
      log.append(1, ...story(id, n).slice(1, 3));
      if (id === one) places.push(n * 3, n * 3 + 1);
    }
    const read = async (from: number): Promise<number[]> => {
      const offsets: number[] = [];
      for await (const event of projection.history(one, from)) offsets.push(event.offset);
      return offsets;
    };
    expect(await read(0)).toEqual(places);
    expect(await read(400)).toEqual(places.filter((offset) => offset >= 400));
  });

  describe('P1: waits', () => {
    it('resolve when the read models hold the event', async () => {
      const log = new MemoryLog(1);
      const projection = await start(log);
      const id = newId();
      const wait = projection.waiters.forRequest(`request of ${id}`, 1_000);
      const end = projection.waiters.forEnd(id, 1_000);
      log.append(0, ...story(id, 1).slice(0, 5));
      expect((await wait.event).event.kind).toBe('instance.started');
      expect(projection.queries.instance(id)?.state).toBe('STARTED');
      log.append(0, ...story(id, 1).slice(5));
      expect((await end.event).event.kind).toBe('instance.completed');
      expect(projection.queries.instance(id)?.state).toBe('FINISHED');
      expect(projection.waiters.count).toBe(0);
    });

    it('are told when the server goes down', async () => {
      const projection = await start(new MemoryLog(1));
      const wait = projection.waiters.forRequest('never', 1_000);
      await close(projection);
      await expect(wait.event).rejects.toMatchObject({ code: 'PROJECTION_CLOSED' });
    });
  });

  describe('S2: builds again', () => {
    const id = newId();
    const built = async (log: MemoryLog): Promise<void> => {
      log.append(0, ...story(id, 1));
      await close(await start(log));
    };

    it('not when the log is the one it knows', async () => {
      const log = new MemoryLog(1);
      await built(log);
      const projection = await start(log);
      expect(told).toEqual([]);
      expect(projection.health().isReady).toBe(true);
      expect(projection.queries.instance(id)).toBeDefined();
    });

    it.for([
      ['the log has another epoch', (log: MemoryLog): void => log.rename('epoch-2'), 'expected the log epoch-2'],
      ['the log begins behind it', (log: MemoryLog): void => log.cut(0, 1_000), 'the log was cut'],
    ] as const)('when %s', async ([, change, because]) => {
      const log = new MemoryLog(1);
      await built(log);
      change(log);
      await start(log);
      expect(told[0]).toContain(because);
    });

    it('when it is ahead of the log', async () => {
      await built(new MemoryLog(1));
      const projection = await start(new MemoryLog(1));
      expect(told[0]).toContain('the log is older');
      expect(projection.queries.instance(id)).toBeUndefined();
    });

    it('S3: when the machine went down while it was open, but not when the process did', async () => {
      const log = new MemoryLog(1);
      await built(log);
      const file = join(directory, 'models', 'mark.json');
      const mark = JSON.parse(readFileSync(file, 'utf8')) as { boot: string };
      writeFileSync(file, JSON.stringify({ boot: mark.boot, isClosed: false }));
      await close(await start(log));
      expect(told).toEqual([]);
      writeFileSync(file, JSON.stringify({ boot: 'another', isClosed: false }));
      const projection = await start(log);
      expect(told[0]).toContain('the machine went down');
      expect(projection.queries.instance(id)?.state).toBe('FINISHED');
    });
  });

  it('stops, and says so, at an event that it cannot read', async () => {
    const log = new MemoryLog(1);
    const projection = await start(log);
    log.appendRaw(0, Buffer.from('{"kind":"instance.started","version":99}'));
    expect(projection.health()).toMatchObject({ isReady: false, problem: expect.stringContaining('version') });
    await expect(projection.failed).rejects.toThrow('version');
  });
});
