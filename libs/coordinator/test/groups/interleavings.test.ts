import { assert } from '@millrace/std';
import { errors } from '@millrace/wire';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import type { JoinGroupResponse } from '../../src/index.ts';
import { GroupBench, protocol } from './group-bench.ts';

type Phase = 'out' | 'joining' | 'joined' | 'syncing' | 'stable';

/** A client as the protocol asks for it: what it does next follows from the last answer. */
class Client {
  phase: Phase = 'out';
  memberId = '';
  generationId = -1;
  isAlive = true;
  readonly instanceId: string | null;
  readonly #apiVersion: number;
  readonly #bench: GroupBench;
  #token = -1;
  #joined: JoinGroupResponse | null = null;

  constructor(bench: GroupBench, index: number) {
    this.#bench = bench;
    this.instanceId = index % 3 === 2 ? `instance-${index}` : null;
    this.#apiVersion = index % 2 === 0 ? 5 : 3;
  }

  step(): void {
    if (!this.isAlive) return;
    const waits = this.phase === 'joining' || this.phase === 'syncing';
    if (waits && !this.#bench.hasAnswer(this.#token)) return;
    if (this.phase === 'out') this.#join();
    else if (this.phase === 'joining') this.#onJoined();
    else if (this.phase === 'joined') this.#sync();
    else if (this.phase === 'syncing') this.#onSynced();
    else this.#onError(this.#bench.heartbeat(this.memberId, this.generationId, this.instanceId));
  }

  /** The process ends without a word; a new one takes its place, under the same instance id if it has one. */
  restart(): void {
    this.phase = 'out';
    this.memberId = '';
  }

  /** The connection is lost with the answer: the client asks again. */
  loseConnection(): void {
    if (this.phase === 'joining') this.#join();
    else if (this.phase === 'syncing') this.phase = 'joined';
  }

  leave(): void {
    if (this.memberId === '') return;
    this.#bench.leave({ memberId: this.memberId, groupInstanceId: this.instanceId });
    this.restart();
  }

  #join(): void {
    const version = this.instanceId === null ? this.#apiVersion : 5;
    this.phase = 'joining';
    this.#token = this.#bench.join({ memberId: this.memberId, groupInstanceId: this.instanceId, protocols }, version);
  }

  #onJoined(): void {
    const answer = this.#bench.joined(this.#token);
    if (answer.errorCode === errors.MEMBER_ID_REQUIRED.code) {
      this.memberId = answer.memberId;
      return this.#join();
    }
    if (answer.errorCode !== 0) return this.#onError(answer.errorCode);
    assert(answer.generationId > 0, 'expected a generation');
    this.memberId = answer.memberId;
    this.generationId = answer.generationId;
    this.#joined = answer;
    this.phase = 'joined';
  }

  #sync(): void {
    const answer = this.#joined;
    assert(answer !== null, 'expected to have joined');
    const members = answer.members.map(({ memberId }) => memberId);
    const assignments = Object.fromEntries(members.map((one) => [one, `${answer.generationId} ${one}`]));
    this.phase = 'syncing';
    this.#token = this.#bench.sync(answer, assignments, this.instanceId);
  }

  #onSynced(): void {
    const answer = this.#bench.synced(this.#token);
    if (answer.errorCode !== 0) return this.#onError(answer.errorCode);
    const [generation, owner] = answer.assignment.toString().split(' ');
    // G2. Its own, of its generation; a static member that came back keeps what it had under its older id.
    assert(generation === `${this.generationId}`, `expected generation ${this.generationId}, found ${generation}`);
    const isOwn = owner === this.memberId || (this.instanceId !== null && owner?.startsWith(this.instanceId) === true);
    assert(isOwn, `expected the assignment of ${this.memberId}, found ${owner}`);
    this.phase = 'stable';
  }

  #onError(code: number): void {
    if (code === 0) return;
    if (code === errors.UNKNOWN_MEMBER_ID.code || code === errors.FENCED_INSTANCE_ID.code) this.memberId = '';
    else assert(code === errors.REBALANCE_IN_PROGRESS.code || code === errors.ILLEGAL_GENERATION.code, `error ${code}`);
    this.phase = 'out';
  }
}

const protocols = [protocol('cooperative-sticky'), protocol('range')];

const step = fc.oneof(
  { weight: 20, arbitrary: fc.record({ act: fc.constant('step' as const), client: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('restart' as const), client: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('leave' as const), client: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('die' as const), client: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('lose' as const), client: fc.nat(5) }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('time' as const), ms: fc.nat(12_000) }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('hold' as const) }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('release' as const) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('crash' as const) }) },
);

describe('any interleaving of members', () => {
  it('G2, G3, C3: gives each its own assignment, and reaches a stable group once all behave', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150, size: 'max' }), (steps) => {
        const bench = new GroupBench();
        const clients = Array.from({ length: 6 }, (_, index) => new Client(bench, index));
        for (const one of steps) act(bench, clients, one);
        settle(bench, clients);
      }),
      { numRuns: 300 },
    );
  });
});

function act(
  bench: GroupBench,
  clients: readonly Client[],
  one: typeof step extends fc.Arbitrary<infer T> ? T : never,
): void {
  switch (one.act) {
    case 'time':
      return bench.advance(one.ms);
    case 'hold':
      bench.isSyncHeld = true;
      return;
    case 'release':
      bench.isSyncHeld = false;
      return bench.becomeDurable();
    case 'crash':
      bench.isSyncHeld = false;
      bench.crash();
      for (const client of clients) client.loseConnection();
      return;
    default:
      break;
  }
  const client = clients[one.client]!;
  // Answers that wait for the disk would wait for ever in here.
  if (bench.isSyncHeld && one.act !== 'die') {
    bench.isSyncHeld = false;
    bench.becomeDurable();
  }
  if (one.act === 'step') client.step();
  else if (one.act === 'restart') client.restart();
  else if (one.act === 'leave') client.leave();
  else if (one.act === 'lose') client.loseConnection();
  else client.isAlive = false;
}

/** From now on everyone behaves. The dead stay dead. */
function settle(bench: GroupBench, clients: readonly Client[]): void {
  bench.isSyncHeld = false;
  bench.becomeDurable();
  const alive = clients.filter(({ isAlive }) => isAlive);
  for (let round = 0; round < 400; round++) {
    for (const client of alive) client.step();
    const { groupState, members } = bench.describe();
    const isSettled = alive.length === 0 ? members.length === 0 : groupState === 'Stable';
    if (isSettled && members.length === alive.length && alive.every(({ phase }) => phase === 'stable')) return;
    bench.advance(1_000);
  }
  const { groupState, members } = bench.describe();
  assert(false, `expected ${alive.length} members in a stable group, found ${members.length}, ${groupState}`);
}
