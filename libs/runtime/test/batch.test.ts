import { readModel } from '@millrace/bpmn';
import { topicsOf } from '@millrace/bus';
import { checkExpression, checkTimer } from '@millrace/feel';
import { type Command, decodeEvent, instanceId } from '@millrace/records';
import { describe, expect, it } from 'vitest';
import { type Batch, type QueuedCommand, decideBatch } from '../src/batch.ts';
import { defaultLimits, type RuntimeLimits } from '../src/options.ts';
import { Overlay, type RowSource } from '../src/overlay.ts';
import { PartitionState } from '../src/partition-state.ts';
import { startOfLog } from '../src/store.ts';
import { bpmn, oneTask, serviceTask, timerCatch } from './support/models.ts';

const NOON = Date.UTC(2026, 0, 1, 12);
const noRows: RowSource = { get: () => undefined, range: () => [] };
const command = (offset: number, content: Command, definitionsSeen = 0): QueuedCommand => ({
  offset,
  timestamp: NOON + offset,
  bytes: 100,
  definitionsSeen,
  content: { command: content },
});
const start = (offset: number, processId = 'p', definitionsSeen = 0): QueuedCommand => {
  const id = instanceId(0, new Uint8Array(16).fill(offset + 1));
  return command(
    offset,
    { kind: 'startInstance', version: 1, instanceId: id, processId, variables: { offset } },
    definitionsSeen,
  );
};

/** A partition whose only definition is `p`, with nothing in it. */
class Partition {
  readonly rows = new Overlay(noRows);
  readonly state: PartitionState;
  now = NOON;
  tick = 0;

  private constructor(model: Awaited<ReturnType<typeof readModel>>['processes'][number]) {
    this.state = new PartitionState(0, 1, this.rows, {
      process: (key) => (key === 'p:1' ? model : undefined),
      decision: () => undefined,
      form: () => undefined,
      latestVersion: (processId) => (processId === 'p' ? 1 : undefined),
    });
  }

  static async of(xml: string): Promise<Partition> {
    const { processes } = await readModel(xml, { checkExpression, checkTimer });
    return new Partition(processes[0]!);
  }

  decide(queue: readonly QueuedCommand[], limits: Partial<RuntimeLimits> = {}, position = startOfLog): Batch {
    return decideBatch({
      state: this.state,
      encode: { topics: topicsOf(), partition: 0 },
      queue,
      position,
      definitionsSeen: 0,
      limits: { ...defaultLimits, ...limits },
      clock: { now: () => this.now, monotonic: () => (this.tick += 1) },
    });
  }
}

const kinds = (batch: Batch): string[] => batch.events.map(({ value }) => decodeEvent(value as Uint8Array).kind);

describe('a batch', () => {
  it('decided again is the same, to the last key (R8)', async () => {
    const xml = bpmn('p', serviceTask('a', 'x') + timerCatch('t', 'PT5S'), ['start -> a', 'a -> t', 't -> end']);
    const queue = [start(3), start(4), start(9)];
    const first = (await Partition.of(xml)).decide(queue);
    const second = (await Partition.of(xml)).decide(queue);
    expect(first.outputs).toHaveLength(3);
    expect(second).toEqual(first);
  });

  it('counts its events on from where the partition is, and says what to read next', async () => {
    const partition = await Partition.of(oneTask('p', 'x'));
    const batch = partition.decide([start(7)], {}, { ...startOfLog, nextCommand: 7, sequence: 40 });
    const ids = batch.events.map(({ headers }) => headers.find(({ key }) => key === 'ce_id')?.value);
    expect(ids.map((id) => String(id).split(':')[1])).toEqual(batch.events.map((_, index) => String(40 + index)));
    expect(batch).toMatchObject({ commands: 1, nextCommand: 8 });
  });

  it('ends when it has decided for long enough, and when it is large enough (R7)', async () => {
    const queue = Array.from({ length: 10 }, (_, offset) => start(offset));
    // The clock of this test moves 1 ms whenever it is asked.
    const short = (await Partition.of(oneTask('p', 'x'))).decide(queue, { batchMs: 3 });
    expect(short).toMatchObject({ commands: 3, nextCommand: 3 });
    const small = (await Partition.of(oneTask('p', 'x'))).decide(queue, { batchBytesMax: 1 });
    expect(small).toMatchObject({ commands: 1, nextCommand: 1 });
  });

  it('takes what waits even when its time has passed before it could begin (R15)', async () => {
    const partition = await Partition.of(bpmn('p', timerCatch('t', 'PT5S'), ['start -> t', 't -> end']));
    const first = partition.decide([start(0), start(1)], { batchMs: 1 });
    expect(first).toMatchObject({ commands: 1, nextCommand: 1 });
    partition.now = NOON + 5_000;
    const position = { ...startOfLog, nextCommand: 1, sequence: first.events.length };
    expect(partition.decide([], { batchMs: 1 }, position)).toMatchObject({ timers: 1 });
  });

  it('ends before a command whose sender had seen more definitions (R9)', async () => {
    const partition = await Partition.of(oneTask('p', 'x'));
    expect(partition.decide([start(0), start(1, 'p', 5), start(2)])).toMatchObject({ commands: 1, nextCommand: 1 });
  });

  it('ends behind a deployment (R9)', async () => {
    const xml = oneTask('q', 'x');
    const { processes } = await readModel(xml, { checkExpression, checkTimer });
    const deploy = command(0, {
      kind: 'deploy',
      version: 1,
      resources: [
        {
          kind: 'bpmn',
          name: 'q.bpmn',
          content: xml,
          digest: 'd',
          processes: processes.map((model) => ({ processId: model.id, model })),
        },
      ],
    });
    const partition = await Partition.of(oneTask('p', 'x'));
    expect(partition.decide([deploy, start(1, 'q')])).toMatchObject({ commands: 1, defines: true });
  });

  it('takes timers that are due before commands, each once', async () => {
    const partition = await Partition.of(bpmn('p', timerCatch('t', 'PT5S'), ['start -> t', 't -> end']));
    const first = partition.decide([start(0)]);
    partition.now = NOON + 4_999;
    expect(partition.decide([])).toMatchObject({ timers: 0 });
    partition.now = NOON + 5_000;
    const position = { ...startOfLog, nextCommand: 1, sequence: first.events.length };
    const second = partition.decide([start(1)], {}, position);
    expect(second).toMatchObject({ timers: 1, commands: 1 });
    expect(kinds(second)[0]).toBe('timer.fired');
    expect(kinds(second).indexOf('instance.completed')).toBeLessThan(kinds(second).indexOf('instance.started'));
    expect(partition.decide([])).toMatchObject({ timers: 0 });
  });
});
