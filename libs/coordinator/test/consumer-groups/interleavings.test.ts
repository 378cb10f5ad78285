import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Client, ConsumerBench } from './consumer-bench.ts';

type Step =
  | { readonly do: 'join' | 'beat' | 'idle' | 'leave' | 'vanish'; readonly client: number }
  | { readonly do: 'grow'; readonly partitions: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'crash' };

const CLIENTS = 4;

const steps = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: ofClient('beat') },
    { weight: 4, arbitrary: ofClient('join') },
    { weight: 2, arbitrary: ofClient('idle') },
    { weight: 1, arbitrary: ofClient('leave') },
    { weight: 1, arbitrary: ofClient('vanish') },
    fc.record({ do: fc.constant('grow' as const), partitions: fc.integer({ min: 0, max: 9 }) }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 50_000 }) }),
    fc.record({ do: fc.constant('crash' as const) }),
  ),
  { maxLength: 60 },
);

function ofClient(kind: 'join' | 'beat' | 'idle' | 'leave' | 'vanish'): fc.Arbitrary<Step> {
  return fc.record({ do: fc.constant(kind), client: fc.nat(CLIENTS - 1) });
}

class Run {
  readonly bench = new ConsumerBench({ orders: 5 });
  readonly clients = Array.from({ length: CLIENTS }, (_, index) => this.bench.client(`m${index}`, 'orders'));
  /** Clients that believe to be members. */
  readonly alive = new Set<Client>();

  act(step: Step): void {
    if (step.do === 'grow') return this.bench.topics.set('orders', step.partitions);
    if (step.do === 'wait') return this.bench.advance(step.ms);
    if (step.do === 'crash') return this.bench.crash();
    const client = this.clients[step.client] as Client;
    if (step.do === 'vanish') this.alive.delete(client);
    else if (step.do === 'leave') {
      client.leave();
      this.forget(client);
    } else if (step.do === 'join') this.join(client);
    else if (this.alive.has(client)) {
      const { errorCode } = step.do === 'beat' ? client.beat() : client.idle();
      // Fenced or forgotten: it stops reading at once, and comes back.
      if (errorCode !== 0) this.forget(client);
    }
    return undefined;
  }

  join(client: Client): void {
    client.told.clear();
    if (client.join().errorCode === 0) this.alive.add(client);
    else this.forget(client);
  }

  forget(client: Client): void {
    this.alive.delete(client);
    client.owned.clear();
  }
}

describe('members of the consumer protocol', () => {
  it('U1: are at no time told the same partition, whatever happens in which order', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const run = new Run();
        for (const step of script) {
          run.act(step);
          const held = run.bench
            .describe()
            .members.flatMap(({ assignment }) => assignment.topicPartitions.flatMap(({ partitions }) => partitions));
          expect(new Set(held).size).toBe(held.length);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('divide all partitions evenly once they are let alone, whatever has happened', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const run = new Run();
        for (const step of script) run.act(step);
        // The dead are found out, the living go on with their heartbeats.
        for (let round = 0; round < 20; round++) {
          for (const client of run.clients.slice(0, 3)) {
            const isMember = run.alive.has(client) && client.beat().errorCode === 0;
            if (!isMember) run.join(client);
          }
          run.bench.advance(5_000);
        }
        const { members, groupState } = run.bench.describe();
        expect(groupState).toBe('Stable');
        const count = run.bench.topics.find('orders')?.partitions ?? 0;
        const shares = members.map(({ assignment }) => assignment.topicPartitions[0]?.partitions ?? []);
        expect(new Set(shares.flat()).size).toBe(count);
        expect(members.map(({ memberId }) => memberId).toSorted()).toEqual(['m0', 'm1', 'm2']);
        const sizes = shares.map((share) => share.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        for (const client of run.clients.slice(0, 3)) {
          const own = members.find(({ memberId }) => memberId === client.memberId)?.assignment.topicPartitions[0];
          expect([...client.owned].map((key) => Number(key.split('/')[1])).toSorted((a, b) => a - b)).toEqual(
            own?.partitions ?? [],
          );
        }
      }),
      { numRuns: 200 },
    );
  });
});
