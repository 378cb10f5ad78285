import { describe, expect, it, vi } from 'vitest';
import type { Client, GroupMember, GroupOptions, TopicPartition } from '../src/index.ts';
import { type Mill, startMill } from './support/mill.ts';

const TOPIC = 'orders';
const GROUP = 'workers';

/** A member that writes down what happens to it. */
class Watched {
  readonly member: GroupMember;
  owned: number[] = [];
  readonly log: string[] = [];
  failure: unknown;

  constructor(client: Client, name: string, log: string[] = [], options: Partial<GroupOptions> = {}) {
    this.log = log;
    const note = (verb: string, of: readonly TopicPartition[]): void =>
      void log.push(`${name} ${verb} ${of.map((one) => one.partition).join(' ')}`.trim());
    this.member = client.group({
      groupId: GROUP,
      topics: [TOPIC],
      sessionTimeoutMs: 1_000,
      onAssign: (partitions) => {
        note('gets', partitions);
        this.owned = partitions.map((one) => one.partition);
      },
      onRevoke: (partitions, isLost) => {
        note(isLost ? 'loses' : 'gives back', partitions);
        this.owned = [];
      },
      onFailure: (error) => {
        this.failure = error;
      },
      ...options,
    });
    this.member.start();
  }

  async owns(count: number): Promise<void> {
    await vi.waitFor(() => expect(this.owned).toHaveLength(count), { timeout: 15_000, interval: 5 });
  }
}

async function clientOn(mill: Mill, partitions: number): Promise<Client> {
  return mill.withTopic(TOPIC, partitions);
}

describe('a group member', () => {
  it('gets every partition while it is alone, and gives them back when it stops', async () => {
    const client = await clientOn(await startMill(), 3);
    const alone = new Watched(client, 'a');
    await alone.owns(3);
    await alone.member.stop();
    expect(alone.log).toEqual(['a gets 0 1 2', 'a gives back 0 1 2']);
  });

  it('shares evenly with a second one, which gets only what the first has given back', async () => {
    const client = await clientOn(await startMill(), 4);
    const log: string[] = [];
    const first = new Watched(client, 'first', log);
    await first.owns(4);
    const second = new Watched(client, 'second', log);
    await Promise.all([first.owns(2), second.owns(2)]);
    expect([...first.owned, ...second.owned].sort((a, b) => a - b)).toEqual([0, 1, 2, 3]);
    expect(log.indexOf('first gives back 0 1 2 3')).toBeLessThan(
      log.findIndex((line) => line.startsWith('second gets')),
    );
    await second.member.stop();
    await first.owns(4);
    await first.member.stop();
  });

  it('is not kept waiting by another member of its process that joins', async () => {
    const client = await clientOn(await startMill(), 2);
    const members = [new Watched(client, 'a'), new Watched(client, 'b')];
    await Promise.all(members.map((one) => one.owns(1)));
    await Promise.all(members.map((one) => one.member.stop()));
  });

  it('leaves at once, though the others are slow to join', async () => {
    const client = await clientOn(await startMill(), 2);
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const slow = new Watched(client, 'slow', [], { onRevoke: () => released });
    await slow.owns(2);
    const joining = new Watched(client, 'joining');
    await vi.waitFor(() => expect(joining.member.memberId).not.toBe(''), { interval: 5 });
    await joining.member.stop();
    release();
    await slow.member.stop();
    expect(joining.log).toEqual([]);
  });

  it('commits offsets that outlive it', async () => {
    const client = await clientOn(await startMill(), 2);
    const watched = new Watched(client, 'a');
    await watched.owns(2);
    await watched.member.commitOffsets([{ topic: TOPIC, partition: 1, offset: 42 }]);
    await watched.member.stop();
    const partitions = [0, 1].map((partition) => ({ topic: TOPIC, partition }));
    expect(await client.admin.committedOffsets(GROUP, partitions)).toEqual([
      { topic: TOPIC, partition: 1, offset: 42 },
    ]);
  });

  it('joins again when the broker has restarted and forgotten it', async () => {
    const mill = await startMill();
    const client = await clientOn(mill, 1);
    const watched = new Watched(client, 'a');
    await watched.owns(1);
    await mill.stop();
    await mill.start();
    await vi.waitFor(() => expect(watched.log).toEqual(['a gets 0', 'a loses 0', 'a gets 0']), { timeout: 15_000 });
    await watched.member.stop();
    expect(watched.failure).toBeUndefined();
  });
});
