import { instanceId } from '@millrace/records';
import { isDeepStrictEqual } from 'node:util';
import { join } from 'node:path';
import { systemRandom } from '@millrace/std';
import { KnownDriver } from '../../../engine/test/support/known-driver.ts';
import { dmn, double } from '../../../engine/test/support/known-path.ts';
import type { Known } from '../../../engine/test/support/known-process.ts';
import type { Ask } from '../../../engine/test/support/cluster.ts';
import { bootId } from '../../src/boot-id.ts';
import { ProducingCommandSender } from '../../src/command-sender.ts';
import { defaultLimits } from '../../src/options.ts';
import { Store } from '../../src/store.ts';
import { type House, PARTITIONS, topics, until } from './house.ts';

/**
 * Instances of a process whose way is known, driven over the real topics: what happens is read from `core.events`, and what is
 * asked goes to `core.commands`, whoever owns the partitions at the time.
 */
export class KnownRun {
  readonly #house: House;
  readonly #drivers: KnownDriver[];
  readonly #sender: ProducingCommandSender;
  #seen = 0;
  #asked: Promise<void> = Promise.resolve();

  /** Deploys the process and starts instances of it, on every partition. */
  static async start(house: House, known: Known, count: number): Promise<KnownRun> {
    const decision = { kind: 'dmn', name: 'double.dmn', content: dmn, digest: 'double', graphId: 'd' } as const;
    const decisions = [{ decisionId: 'Double', name: 'Double' }];
    await house.deployModels(known.models, '', [{ ...decision, decisions, model: double }]);
    const { seen } = house.runtime.definitions;
    return new KnownRun(house, known, count, seen);
  }

  private constructor(house: House, known: Known, count: number, definitionsSeen: number) {
    this.#house = house;
    this.#sender = new ProducingCommandSender({
      client: house.client,
      topics,
      partitionCount: () => PARTITIONS,
      definitionsSeen: () => definitionsSeen,
      clock: house.clock,
      sendBytesMax: defaultLimits.sendBytesMax,
    });
    const ids = Array.from({ length: count }, (_, at) => instanceId(at % PARTITIONS, systemRandom.bytes(16)));
    this.#drivers = ids.map((id) => new KnownDriver(known, id, id));
    for (const id of ids) {
      const variables = { ...known.variables, key: id };
      this.#ask({ kind: 'startInstance', instanceId: id, processId: known.models[0]?.id ?? '', variables });
    }
  }

  get isOver(): boolean {
    return this.#drivers.every((driver) => driver.isOver);
  }

  /** Every instance that it has to do with. */
  get instanceIds(): string[] {
    return this.#drivers.flatMap((driver) => [...driver.instanceIds]);
  }

  /** Follows what has happened since, and answers one thing that can be answered. @returns whether there was anything */
  turn(choose: (among: number) => number): boolean {
    const { events } = this.#house;
    const from = this.#seen;
    for (; this.#seen < events.length; this.#seen += 1)
      for (const driver of this.#drivers) driver.observe(events[this.#seen]!.event);
    const able = this.#drivers.filter((driver) => driver.ready.length > 0);
    const driver = able[choose(Math.max(able.length, 1))];
    if (driver === undefined) return this.#seen > from;
    const { ready } = driver;
    for (const ask of driver.answer(ready[choose(ready.length)]!)) this.#ask(ask);
    return true;
  }

  async close(): Promise<void> {
    await this.#asked;
    await this.#sender.close();
  }

  /** In order: each is written before the next is sent. */
  #ask(ask: Ask): void {
    this.#asked = this.#asked.then(() => this.#write(ask));
  }

  /** Again until it is written: the engine makes nothing of a second one. */
  async #write(ask: Ask): Promise<void> {
    for (;;) {
      try {
        await this.#sender.send({ version: 1, ...ask });
        return;
      } catch {
        // The broker is away.
      }
    }
  }
}

/** Whoever owns the log next, from nothing but the log, has the same rows; and none of them is about an instance that has ended. */
export async function checkRows(house: House, store: string, instanceIds: readonly string[]): Promise<void> {
  await rest(house);
  await house.runtime.stop();
  await house.replaceRuntime({ store: 'from-the-log' });
  await until(() => house.runtime.health().isReady);
  await house.runtime.stop();
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const live = await rowsIn(house.storeDirectory(store), partition);
    const restored = await rowsIn(house.storeDirectory('from-the-log'), partition);
    if (!isDeepStrictEqual(live, restored)) {
      const other = new Map(restored.map(([key, row]) => [key, JSON.stringify(row)]));
      const differing = live.filter(([key, row]) => other.get(key) !== JSON.stringify(row));
      const more = restored.filter(([key]) => !live.some(([own]) => own === key));
      const found = JSON.stringify({ live: differing, restored: differing.map(([key]) => other.get(key)), more });
      throw new Error(`expected partition ${partition} to be restored as it was, found ${found}`);
    }
    const left = live.filter(([key, row]) => instanceIds.some((id) => (key + JSON.stringify(row)).includes(id)));
    // A message lives on, with its key.
    const leftover = left.filter(
      ([key, row]) => !key.startsWith('message') && !JSON.stringify(row).includes('"messageExpiry"'),
    );
    if (leftover.length > 0)
      throw new Error(`expected nothing of an ended instance, found ${JSON.stringify(leftover)}`);
  }
}

/** Until a round of questions to every partition brings nothing but their answers: no command is on its way any more. */
async function rest(house: House): Promise<void> {
  for (let isQuiet = false; !isQuiet; ) {
    const before = house.events.length;
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const requestId = systemRandom.bytes(16).toString();
      const id = instanceId(partition, systemRandom.bytes(16));
      await house.send({ kind: 'cancelInstance', version: 1, instanceId: id, requestId });
      await house.answerTo(requestId);
    }
    isQuiet = house.events.length === before + PARTITIONS;
  }
}

async function rowsIn(directory: string, partition: number): Promise<(readonly [string, unknown])[]> {
  const store = Store.open({ directory: join(directory, `partition-${partition}`), bytesMax: 2 ** 30, boot: bootId() });
  const rows = [...store.all()].map(([key, json]) => [key, JSON.parse(json) as unknown] as const);
  await store.close();
  return rows;
}
