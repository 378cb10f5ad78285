import { describe, expect, it } from 'vitest';
import { until } from '../../support/until.ts';
import type { Client, ClientKind } from '../clients/client.ts';
import type { Bench } from './conform.ts';
import { makeTopic, numbered, recordsOf, sorted } from './topics.ts';

const FENCED_INSTANCE_ID = 82;

export function consumesInGroups(kind: ClientKind, bench: () => Bench): void {
  describe('consumes in groups', () => {
    it.for(kind.strategies)('whose members join and leave: %s', async (strategy) => {
      const { client } = bench();
      const topic = await makeTopic(bench(), `shared-${strategy}`, 4);
      const group = `team-${strategy}`;
      const [first, second] = [`${group}-1`, `${group}-2`];
      const owned = async (member: string): Promise<number> => (await look(client, member)).assignment.length;

      await client.call('join', { member: first, group, topics: [topic], strategy });
      await until('the first member to own all', async () => (await owned(first)) === 4);
      await client.call('join', { member: second, group, topics: [topic], strategy });
      await until('each to own half', async () => (await owned(first)) === 2 && (await owned(second)) === 2);
      await client.call('produce', { topic, records: recordsOf(numbered('both ', 40), 4) });
      await untilSeen(client, [first, second], 40);
      for (const member of [first, second]) expect((await look(client, member)).seen).toHaveLength(20);

      const seenBySecond = (await look(client, second)).seen;
      await client.call('leave', { member: second });
      await until('the first to own all again', async () => (await owned(first)) === 4);
      await client.call('produce', { topic, records: recordsOf(numbered('one ', 40), 4) });
      await untilSeen(client, [first], 60);
      const seen = [...(await look(client, first)).seen, ...seenBySecond].map(({ value }) => value);
      expect(sorted(seen)).toEqual(sorted([...numbered('both ', 40), ...numbered('one ', 40)]));
      await client.call('leave', { member: first });
    });

    it('and goes on from what was committed; another group begins anew', async () => {
      const { client } = bench();
      const topic = await makeTopic(bench(), 'resumed');
      const [strategy = 'range'] = kind.strategies;
      const consume = async (member: string, group: string, count: number): Promise<(string | null)[]> => {
        await client.call('join', { member, group, topics: [topic], strategy });
        await untilSeen(client, [member], count);
        const { seen } = await look(client, member);
        await client.call('leave', { member });
        return seen.map(({ value }) => value);
      };
      await client.call('produce', { topic, records: recordsOf(numbered('old ', 10)) });
      expect(await consume('resumed-1', 'resumed', 10)).toEqual(numbered('old ', 10));
      await client.call('produce', { topic, records: recordsOf(numbered('new ', 10)) });
      expect(await consume('resumed-2', 'resumed', 10)).toEqual(numbered('new ', 10));
      const all = [...numbered('old ', 10), ...numbered('new ', 10)];
      expect(await consume('anew', 'anew', 20)).toEqual(all);
    });

    it('several topics at once', async () => {
      const { client } = bench();
      const topics = [await makeTopic(bench(), 'several-a', 2), await makeTopic(bench(), 'several-b', 2)];
      const [strategy = 'range'] = kind.strategies;
      await client.call('join', { member: 'several', group: 'several', topics, strategy });
      for (const topic of topics) await client.call('produce', { topic, records: recordsOf(numbered(topic, 4), 2) });
      await untilSeen(client, ['several'], 8);
      expect((await look(client, 'several')).assignment).toEqual([
        ['several-a', 0],
        ['several-a', 1],
        ['several-b', 0],
        ['several-b', 1],
      ]);
      await client.call('leave', { member: 'several' });
    });

    if (kind.hasStaticMembers) {
      it('as a static member that goes away and comes back to its partitions, without its group rebalancing', async () => {
        const { client } = bench();
        const topic = await makeTopic(bench(), 'static', 4);
        const join = (member: string, instanceId: string): Promise<null> =>
          client.call('join', { member, group: 'static', topics: [topic], strategy: 'range', instanceId });
        await join('static-a', 'a');
        await join('static-b', 'b');
        const halves = async (one: string, other: string): Promise<boolean> =>
          (await look(client, one)).assignment.length === 2 && (await look(client, other)).assignment.length === 2;
        await until('each to own half', () => halves('static-a', 'static-b'));
        const before = (await look(client, 'static-b')).assignment;
        await client.call('leave', { member: 'static-b' });
        await join('static-b2', 'b');
        await until('it to be back', () => halves('static-a', 'static-b2'));
        expect((await look(client, 'static-b2')).assignment).toEqual(before);
        for (const member of ['static-a', 'static-b2']) await client.call('leave', { member });
      });
    }

    if (kind.hearsOfFencing) {
      it('as a static member that is fenced when another takes its name', async () => {
        const { client } = bench();
        const topic = await makeTopic(bench(), 'named', 2);
        const join = (member: string): Promise<null> =>
          client.call('join', { member, group: 'named', topics: [topic], strategy: 'range', instanceId: 'same' });
        await join('named-1');
        await until('the first', async () => (await look(client, 'named-1')).assignment.length === 2);
        await join('named-2');
        const error = await until('the first to hear of it', async () => (await look(client, 'named-1')).error);
        expect(error).toBe(FENCED_INSTANCE_ID);
        await until('the second', async () => (await look(client, 'named-2')).assignment.length === 2);
        for (const member of ['named-1', 'named-2']) await client.call('leave', { member });
      });
    }
  });
}

const look = (client: Client, member: string): ReturnType<typeof client.call<'look'>> =>
  client.call('look', { member });

/** Until the members have seen so many records together. */
async function untilSeen(client: Client, members: readonly string[], count: number): Promise<void> {
  await until(`${members.join(' and ')} to see ${count} records`, async () => {
    const seen = await Promise.all(members.map(async (member) => (await look(client, member)).seen.length));
    return seen.reduce((sum, each) => sum + each, 0) >= count;
  });
}
