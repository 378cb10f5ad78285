import { resetNotice, tooSlowNotice, watchedEvent } from '@millrace/contract';
import type { InstanceId } from '@millrace/records';
import { seededRandom } from '@millrace/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { gatewayLimits } from '../src/index.ts';
import { Mill, PARTITIONS, reviewed } from './support/mill.ts';
import { place, Watch } from './support/watch.ts';

describe('server-sent events', () => {
  let mill: Mill;
  const watches: Watch[] = [];
  beforeAll(async () => {
    mill = await Mill.start();
    await mill.deploy(reviewed('p'));
    await mill.deploy(reviewed('q'));
  });
  afterEach(() => {
    for (const watch of watches.splice(0)) watch.cut();
  });
  afterAll(() => mill.end());

  const watch = (path: string, headers: Record<string, string> = {}, cutAfterBytes?: number): Watch => {
    const one = new Watch(mill.served.url + path, headers, cutAfterBytes);
    watches.push(one);
    return one;
  };
  const types = (one: Watch): string[] => one.events.map(({ data }) => data.type);
  const complete = async (id: InstanceId): Promise<void> => {
    const [token] = mill.projection.queries.tokens(id);
    await mill.ask({ kind: 'completeTask', version: 1, taskKey: token?.id ?? '', variables: {} });
  };
  /** Everything that the log holds of an instance, as the read models know it. */
  const historyOf = async (id: InstanceId): Promise<string[]> => {
    const places: string[] = [];
    for await (const { partition, offset } of mill.projection.history(id, 0)) places.push(`${partition}.${offset}`);
    return places;
  };

  describe('of one instance', () => {
    it('begin with its history and go on live, without gap or repetition', async () => {
      const id = await mill.startInstance('p', { name: 'Zoë – 你好' });
      const one = watch(`/api/process/${id}/events`);
      await one.until(() => types(one).includes('task.created'));
      await complete(id);
      await one.until(() => types(one).includes('instance.completed'));
      expect(one.events.map(place)).toEqual(await historyOf(id));
      for (const { data } of one.events) expect(watchedEvent.parse(data).processInstanceUuid).toBe(id);
      expect(one.events[0]?.data.data.variables).toEqual({ name: 'Zoë – 你好' });
    });

    it('begin with what comes when asked to', async () => {
      const id = await mill.startInstance('p');
      const one = watch(`/api/process/${id}/events?from=now`);
      await one.until(() => one.status === 200);
      await complete(id);
      await one.until(() => types(one).includes('instance.completed'));
      expect(types(one)).not.toContain('instance.started');
    });

    it('resume behind the id in the header, which wins over the one in the query', async () => {
      const id = await mill.startInstance('p');
      await complete(id);
      const whole = watch(`/api/process/${id}/events`);
      await whole.until(() => types(whole).includes('instance.completed'));
      const [first, second, third] = whole.events;
      const query = encodeURIComponent(first?.id ?? '');
      const rest = watch(`/api/process/${id}/events?lastEventId=${query}`, { 'last-event-id': second?.id ?? '' });
      await rest.until(() => types(rest).includes('instance.completed'));
      expect(rest.events[0]).toEqual(third);
      const byQuery = watch(`/api/process/${id}/events?lastEventId=${query}`);
      await byQuery.until(() => types(byQuery).includes('instance.completed'));
      expect(byQuery.events[0]).toEqual(second);
    });

    it.for([
      ['no id at all', () => 'nonsense', 'NOT_A_POSITION'],
      ['the id of all events', () => '~1.2.3@x', 'NOT_A_POSITION'],
      ['an id of another log', (id: string) => id.replace(/@.*/, '@another'), 'EPOCH_CHANGED'],
      ['an id beyond the end', (id: string) => id.replace(/\.\d+@/, '.999999999@'), 'AHEAD_OF_LOG'],
    ] as const)('send a reset for %s, and then everything', async ([, change, reason]) => {
      const id = await mill.startInstance('p');
      const whole = watch(`/api/process/${id}/events`);
      await whole.until(() => types(whole).includes('task.created'));
      const one = watch(`/api/process/${id}/events`, { 'last-event-id': change(whole.events[0]?.id ?? '') });
      await one.until(() => types(one).includes('task.created'));
      expect(one.items[0]?.event).toBe('reset');
      expect(resetNotice.parse(one.items[0]?.data).reason).toBe(reason);
      expect(one.events.map(place)).toEqual(whole.events.map(place));
    });

    it('are refused with 404 for an unknown instance', async () => {
      const one = watch('/api/process/0000aaaa-bbbb-8ccc-8ddd-0123456789ab/events');
      await one.until(() => one.status !== 0);
      expect(one.status).toBe(404);
    });
  });

  describe('of all', () => {
    it('tell what happens from now on, filtered by definition, type and business key', async () => {
      const all = watch('/api/events');
      const byKey = watch('/api/events?businessKey=b-7&type=instance.*,task.created');
      const byDefinition = watch('/api/events?definition=q&type=instance.started');
      await Promise.all([all, byKey, byDefinition].map((one) => one.until(() => one.status === 200)));
      const other = await mill.startInstance('p');
      const wanted = await mill.startInstance('q', {}, undefined, 'b-7');
      await all.until(() =>
        all.events.some(({ data }) => data.type === 'task.created' && data.processInstanceUuid === wanted),
      );
      await byKey.until(() => types(byKey).includes('task.created'));
      await byDefinition.until(() => byDefinition.events.length > 0);
      expect(all.events.some(({ data }) => data.processInstanceUuid === other)).toBe(true);
      expect(types(byKey)).toEqual(['instance.started', 'task.created']);
      expect(byKey.events.every(({ data }) => data.processInstanceUuid === wanted)).toBe(true);
      expect(byDefinition.events.map(({ data }) => data.processInstanceUuid)).toEqual([wanted]);
    });

    it('tell everything from the start when asked to, in order within each partition', async () => {
      const one = watch('/api/events?from=start');
      const total = (
        await Promise.all(Array.from({ length: PARTITIONS }, (_, partition) => placesOf(partition)))
      ).flat();
      await one.until(() => one.events.length >= total.length);
      expect(one.events.map(place).sort()).toEqual(total.sort());
      for (let partition = 0; partition < PARTITIONS; partition += 1) {
        const offsets = one.events.filter(({ data }) => data.partition === partition).map(({ data }) => data.offset);
        expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
      }
    });
  });

  it.for([1, 2, 3])(
    'resume without loss or repetition, wherever the connection is cut and the gateway restarted (seed %d)',
    async (seed) => {
      const seen: string[] = [];
      let lastId: string | undefined;
      // Some events have a kilobyte: most connections bring a few of them and the beginning of another.
      const random = seededRandom(seed);
      const watcher = { isDone: false };
      let current: Watch | undefined;
      const begin = mill.projection.feed.positions.slice();
      const ids: InstanceId[] = [];
      // What a client does: takes what comes, and when the connection breaks resumes by the last id.
      const watching = (async () => {
        const first = watch('/api/events');
        await first.until(() => first.status === 200);
        lastId = `~${begin.join('.')}@${mill.projection.log.epoch}`;
        first.cut();
        while (!watcher.isDone) {
          const one = watch(
            '/api/events',
            { 'last-event-id': lastId },
            300 + Math.floor(random.fraction() ** 3 * 20_000),
          );
          current = one;
          await one.ended;
          current = undefined;
          seen.push(...one.events.map(place));
          lastId = one.lastId ?? lastId;
          expect(one.items.filter(({ event }) => event !== undefined)).toEqual([]);
        }
      })();
      for (let round = 0; round < 4; round += 1) {
        for (let n = 0; n < 15; n += 1) ids.push(await mill.startInstance('p', { round, n, text: 'x'.repeat(200) }));
        await mill.stopGateway();
        // While the gateway is away the engine works on.
        for (const id of ids.splice(0, 5)) await mill.send({ kind: 'cancelInstance', version: 1, instanceId: id });
        if (round === 2) mill.forgetReadModels();
        await mill.startGateway();
      }
      const bounds = await mill.projection.log.bounds();
      await new Promise<void>((resolve) => {
        const look = (): void => {
          if (bounds.every(({ end }, partition) => mill.projection.feed.position(partition) >= end)) resolve();
          else setImmediate(look);
        };
        look();
      });
      const expected: string[] = [];
      for (let partition = 0; partition < PARTITIONS; partition += 1) {
        expected.push(...(await placesOf(partition, begin[partition])));
      }
      while (seen.length + (current?.events.length ?? 0) < expected.length) {
        await new Promise((resolve) => void setImmediate(resolve));
      }
      watcher.isDone = true;
      for (const one of watches) one.cut();
      await watching;
      expect([...seen].sort()).toEqual(expected.sort());
      for (let partition = 0; partition < PARTITIONS; partition += 1) {
        const offsets = seen.filter((one) => one.startsWith(`${partition}.`)).map((one) => Number(one.split('.')[1]));
        expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
      }
    },
  );

  it('shows that a stream is alive, and where it is, when nothing happens', async () => {
    const id = await mill.startInstance('p');
    const all = watch('/api/events');
    const filtered = watch('/api/events?businessKey=nobody');
    const one = watch(`/api/process/${id}/events`);
    await one.until(() => types(one).includes('task.created'));
    await complete(id);
    await all.until(() => types(all).includes('instance.completed'));
    mill.clock.advance(gatewayLimits.heartbeatMs);
    // A watcher whose filter lets nothing through moves on all the same: it will not read the past again.
    await filtered.until(() => filtered.lastId !== undefined);
    await one.until(() => one.comments > 0);
    expect(filtered.lastId).toBe(`~${mill.projection.feed.positions.join('.')}@${mill.projection.log.epoch}`);
    expect(filtered.events).toEqual([]);
  });

  it('G2: tell a watcher that does not read, close it, and leave the others alone', async () => {
    const id = await mill.startInstance('p');
    const slow = watch(`/api/process/${id}/events`);
    const quick = watch(`/api/process/${id}/events`);
    await Promise.all([slow, quick].map((one) => one.until(() => types(one).includes('task.created'))));
    slow.socket.pause();
    const text = 'x'.repeat(200_000);
    // More than the kernel's buffers on both ends and the gateway's own hold together.
    const rounds = 100;
    for (let round = 1; round <= rounds; round += 1) {
      await mill.ask({ kind: 'updateVariables', version: 1, instanceId: id, variables: { text, rounds: round } });
    }
    await quick.until(() => quick.events.some(({ data }) => data.data.values?.rounds === rounds));
    slow.socket.resume();
    await slow.ended;
    const last = slow.items.at(-1);
    expect(last?.event).toBe('too-slow');
    expect(tooSlowNotice.parse(last?.data).bufferedBytesMax).toBe(gatewayLimits.bufferBytesMax);
    expect(slow.events.length).toBeLessThan(quick.events.length);
    const resumed = watch(`/api/process/${id}/events`, { 'last-event-id': slow.lastId ?? '' });
    await resumed.until(() => resumed.events.some(({ data }) => data.data.values?.rounds === rounds));
    expect([...slow.events, ...resumed.events].map(place)).toEqual(quick.events.map(place));
  });

  async function placesOf(partition: number, from = 0): Promise<string[]> {
    const { end } = (await mill.projection.log.bounds())[partition] ?? { end: 0 };
    const places: string[] = [];
    for await (const { records } of mill.projection.log.read(partition, [{ from, to: end }])) {
      for (const { offset } of records) if (offset >= from && offset < end) places.push(`${partition}.${offset}`);
    }
    return places;
  }
});
