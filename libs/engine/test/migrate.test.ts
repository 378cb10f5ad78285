import { describe, expect, it } from 'vitest';
import type { ExecutableProcess } from '@millrace/bpmn';
import { Cluster } from './support/cluster.ts';
import {
  boundary,
  catching,
  end,
  inside,
  job,
  messageTrigger,
  model,
  parallel,
  receive,
  signalTrigger,
  start,
  subProcess,
  timerTrigger,
  userTask,
} from './support/model.ts';
import { path } from './support/story.ts';

const before = model('p', { start, one: job('one'), end }, ['start -> one -> end']);

/** Waits by version 1; version 2 is known. */
function migrating(
  from: ExecutableProcess,
  to: ExecutableProcess,
  variables = {},
  partitions = 1,
): { all: Cluster; instanceId: string; migrate: (mapping?: Record<string, string>) => void } {
  const all = new Cluster(partitions).install(to, 2).install(from, 1);
  const instanceId = all.start('p', variables, { definitionVersion: 1 });
  const migrate = (mapping: Record<string, string> = {}): void => {
    all.run({ kind: 'migrateInstance', instanceId, definitionVersion: 2, mapping });
    expect(all.all('command.rejected')).toEqual([]);
    expect(all.last('instance.migrated')).toMatchObject({ definitionKey: 'p:2' });
  };
  return { all, instanceId, migrate };
}

function ends(all: Cluster): void {
  all.pass(24 * 3_600_000);
  expect(all.rowsWith('')).toEqual([]);
}

describe('a migration', () => {
  it('G2: keeps the job open, and goes on by the new model', () => {
    const after = model('p', { start, uno: job('uno'), two: job('two'), end }, ['start -> uno -> two -> end']);
    const { all, migrate } = migrating(before, after);
    migrate({ one: 'uno' });
    expect(all.jobs()).toHaveLength(1);
    all.completeJob();
    expect(path(all.events)).toContain('element.completed uno');
    expect(all.lastJob()).toMatchObject({ type: 'two', definitionVersion: 2 });
    all.completeJob();
    ends(all);
  });

  it('G2: closes the boundary events that are gone, keeps those that are there, opens those that are new', () => {
    const timer = timerTrigger('duration', 'PT1H');
    const from = model(
      'p',
      {
        start,
        work: job('w'),
        late: boundary('work', timer),
        stop: boundary('work', messageTrigger('stop', '=key')),
        end,
      },
      ['start -> work -> end', 'late -> end', 'stop -> end'],
    );
    const to = model(
      'p',
      {
        start,
        work: job('w'),
        tooLate: boundary('work', timer),
        alarm: boundary('work', signalTrigger('alarm')),
        rescue: job('rescue'),
        end,
      },
      ['start -> work -> end', 'tooLate -> rescue -> end', 'alarm -> end'],
    );
    const { all, migrate } = migrating(from, to, { key: 'k' }, 3);
    migrate({ late: 'tooLate' });
    expect(all.last('wait.closed').name).toBe('stop');
    expect(all.last('signalWait.opened')).toMatchObject({ name: 'alarm', elementId: 'alarm' });
    expect(all.all('timer.cancelled')).toEqual([]);
    all.pass(3_600_000);
    expect(all.lastJob().type).toBe('rescue');
    all.completeJob();
    ends(all);
  });

  it('G2: keeps what elements wait for: a message of another partition, a record, a task, a timer', () => {
    const all = (prefix: string): ExecutableProcess =>
      model(
        'p',
        {
          start,
          fork: parallel,
          [`${prefix}m`]: catching(messageTrigger('paid', '=key')),
          [`${prefix}r`]: receive({ kind: 'reply', topic: 'engine.receive.x', keyName: 'x' }),
          [`${prefix}u`]: userTask(),
          [`${prefix}t`]: catching(timerTrigger('duration', 'PT1M')),
          join: parallel,
          end,
        },
        ['m', 'r', 'u', 't'].map((id) => `fork -> ${prefix}${id} -> join`).concat('start -> fork', 'join -> end'),
      );
    const { all: cluster, instanceId, migrate } = migrating(all('a'), all('b'), { key: 'k' }, 3);
    cluster.run({ kind: 'receiveReply', instanceId, topic: 'engine.receive.x', value: 1 });
    // Its token waits at the join, on a flow that is called otherwise now.
    migrate({ am: 'bm', ar: 'br', au: 'bu', at: 'bt', 'ar->join': 'br->join' });
    cluster.run({ kind: 'publishMessage', name: 'paid', correlationKey: 'k', ttlMs: 0, variables: {} });
    cluster.run({ kind: 'completeTask', taskKey: cluster.last('task.created').elementKey, variables: {} });
    cluster.pass(60_000);
    expect(path(cluster.events)).toEqual(
      expect.arrayContaining(['element.completed bm', 'element.completed bu', 'element.completed bt']),
    );
    expect(cluster.all('instance.completed')).toHaveLength(1);
    ends(cluster);
  });

  it('takes scopes along, and an incident, which is resolved by the new model', () => {
    const sub = (name: string, type: string): ExecutableProcess =>
      model(
        'p',
        { start, [name]: subProcess(), ...inside(name, { s: start, [`${name}Task`]: job(type), e: end }), end },
        [`start -> ${name} -> end`, `s -> ${name}Task -> e`],
      );
    const { all, migrate } = migrating(sub('a', '=missing'), sub('b', 'mended'));
    migrate({ a: 'b', aTask: 'bTask' });
    all.run({ kind: 'resolveIncident', incidentKey: all.last('incident.raised').incidentKey });
    expect(all.lastJob()).toMatchObject({ type: 'mended', elementId: 'bTask' });
    all.completeJob();
    ends(all);
  });

  it('migrates a suspended instance with what it holds', () => {
    const timed = (id: string): ExecutableProcess =>
      model('p', { start, [id]: catching(timerTrigger('duration', 'PT1M')), end }, [`start -> ${id} -> end`]);
    const { all, instanceId, migrate } = migrating(timed('a'), timed('b'));
    all.run({ kind: 'suspendInstance', instanceId });
    all.pass(60_000);
    migrate({ a: 'b' });
    all.run({ kind: 'resumeInstance', instanceId });
    all.pass(0);
    expect(path(all.events)).toContain('element.completed b');
    ends(all);
  });

  it.for([
    ['an element that is gone', { start, two: job('one'), end }, ['start -> two -> end'], 'no "one"'],
    ['an element of another kind', { start, one: userTask(), end }, ['start -> one -> end'], 'userTask'],
    [
      'an element in another scope',
      { start, sub: subProcess(), ...inside('sub', { s: start, one: job('one'), e: end }), end },
      ['start -> sub -> end', 's -> one -> e'],
      'different scopes',
    ],
  ] as const)('G1: is refused for %s, and changes nothing', ([, elements, flows, why]) => {
    const { all, instanceId } = migrating(before, model('p', elements, flows));
    all.run({ kind: 'migrateInstance', instanceId, definitionVersion: 2, mapping: {} });
    expect(all.last('command.rejected')).toMatchObject({ reason: 'INVALID_ARGUMENT' });
    expect(all.last('command.rejected').message).toContain(why);
    all.completeJob();
    ends(all);
  });

  it('is refused for a version that is not there, and for the one it has', () => {
    const { all, instanceId } = migrating(before, before);
    for (const [definitionVersion, reason] of [
      [9, 'NOT_FOUND'],
      [1, 'INVALID_STATE'],
    ] as const) {
      all.run({ kind: 'migrateInstance', instanceId, definitionVersion, mapping: {} });
      expect(all.last('command.rejected').reason).toBe(reason);
    }
  });
});
