import { describe, expect, it } from 'vitest';
import { Cluster, NOON } from './support/cluster.ts';
import {
  boundary,
  catching,
  conditionTrigger,
  end,
  endWithError,
  endWithMessage,
  endWithSignal,
  errorTrigger,
  escalationTrigger,
  eventSubProcess,
  exclusive,
  firstEvent,
  inside,
  job,
  messageTrigger,
  model,
  pass,
  several,
  signalTrigger,
  start,
  startBy,
  startOn,
  subProcess,
  terminate,
  throwing,
  throwingAll,
  timerTrigger,
} from './support/model.ts';
import { path } from './support/story.ts';

function tell(cluster: Cluster, name: string, variables = {}): string[] {
  return path(cluster.run({ kind: 'publishMessage', name, correlationKey: 'k', ttlMs: 0, variables }));
}

const anyOf = several(false, messageTrigger('go', '=key'), timerTrigger('duration', 'PT1H'), signalTrigger('alarm'));
const allOf = several(true, messageTrigger('go', '=key'), messageTrigger('nudge', '=key'), conditionTrigger('n > 1'));

describe('a multiple event', () => {
  const process = model('p', { start, wait: catching(anyOf), end }, ['start -> wait -> end']);

  it.for([
    ['a message', (cluster: Cluster) => tell(cluster, 'go')],
    ['a time', (cluster: Cluster) => path(cluster.pass(3_600_000))],
    ['a signal', (cluster: Cluster) => path(cluster.run({ kind: 'broadcastSignal', name: 'alarm', variables: {} }))],
  ] as const)('is over when %s comes, and waits for nothing else then', ([, come]) => {
    const cluster = new Cluster().install(process);
    const instanceId = cluster.start('p', { key: 'k' });
    expect(come(cluster)).toEqual([
      'element.completed wait',
      'element.entered end',
      'element.completed end',
      'instance.completed',
    ]);
    expect(cluster.rowsWith(instanceId)).toEqual([]);
    expect(cluster.pass(3_600_000)).toEqual([]);
  });

  it('starts the process by each of its definitions', () => {
    const begin = startBy(several(false, { kind: 'startMessage', name: 'order' }, signalTrigger('open')));
    const cluster = new Cluster();
    cluster.deploy(model('p', { begin, end }, ['begin -> end']));
    expect(tell(cluster, 'order')).toContain('element.entered begin');
    expect(path(cluster.run({ kind: 'broadcastSignal', name: 'open', variables: {} }))).toContain('instance.completed');
    expect(cluster.all('instance.started').map(({ startEventId }) => startEventId)).toEqual(['begin', 'begin']);
  });

  it('catches an error or a message at the boundary', () => {
    const guard = boundary('work', several(false, errorTrigger('E1'), messageTrigger('stop', '=key')));
    const guarded = model('p', { start, work: job('a'), guard, out: job('out') }, ['start -> work', 'guard -> out']);
    const cluster = new Cluster().install(guarded);
    cluster.start('p', { key: 'k' });
    const { instanceId, jobKey, attempt } = cluster.lastJob();
    expect(path(cluster.run({ kind: 'throwJobError', instanceId, jobKey, attempt, code: 'E1' }))).toContain(
      'element.entered out',
    );
    cluster.start('p', { key: 'k' });
    expect(tell(cluster, 'stop')).toContain('element.entered guard');
  });

  it('starts an event sub-process, also by what is thrown in its scope', () => {
    const on = startOn(several(false, escalationTrigger('S1'), messageTrigger('news', '=key')), false);
    const throws = {
      kind: 'intermediateThrowEvent',
      action: { kind: 'escalation', code: { kind: 'literal', value: 'S1' } },
    };
    const elements = {
      start,
      tell: throws as never,
      wait: catching(messageTrigger('go', '=key')),
      handle: eventSubProcess,
    };
    const cluster = new Cluster().install(
      model('p', { ...elements, ...inside('handle', { on, done: end }) }, ['start -> tell -> wait', 'on -> done']),
    );
    cluster.start('p', { key: 'k' });
    expect(cluster.all('element.entered').filter(({ elementId }) => elementId === 'on')).toHaveLength(1);
    expect(tell(cluster, 'news')).toContain('element.entered on');
    expect(tell(cluster, 'go')).toContain('instance.completed');
  });

  it('takes the token of an event-based gateway', () => {
    const process2 = model(
      'p',
      { start, first: firstEvent, wait: catching(anyOf), other: catching(timerTrigger('duration', 'PT9H')), end },
      ['start -> first', 'first -> wait -> end', 'first -> other'],
    );
    const cluster = new Cluster().install(process2);
    const instanceId = cluster.start('p', { key: 'k' });
    expect(path(cluster.pass(3_600_000)).slice(0, 3)).toEqual([
      'element.completed first',
      'element.entered wait',
      'element.completed wait',
    ]);
    expect(cluster.rowsWith(instanceId)).toEqual([]);
  });
});

describe('a parallel multiple event', () => {
  it('waits until all have come, and has what each of them brought', () => {
    const cluster = new Cluster().install(
      model('p', { start, wait: catching(allOf), next: job('next') }, ['start -> wait -> next']),
    );
    const instanceId = cluster.start('p', { key: 'k' });
    expect(tell(cluster, 'nudge', { b: 2 })).toEqual([]);
    cluster.run({ kind: 'updateVariables', instanceId, variables: { n: 2 } });
    expect(cluster.jobs()).toEqual([]);
    expect(tell(cluster, 'go', { a: 1 })).toEqual(['element.completed wait', 'element.entered next']);
    expect(cluster.lastJob().variables).toMatchObject({ a: 1, b: 2, n: 2 });
    cluster.run({ kind: 'cancelInstance', instanceId });
    expect(cluster.rowsWith(instanceId)).toEqual([]);
  });

  it('that does not interrupt comes once for each time that all have come', () => {
    const guard = boundary('work', several(true, messageTrigger('go', '=key'), messageTrigger('nudge', '=key')), false);
    const cluster = new Cluster().install(
      model('p', { start, work: job('a'), guard, note: pass }, ['start -> work', 'guard -> note']),
    );
    const instanceId = cluster.start('p', { key: 'k' });
    tell(cluster, 'go');
    expect(tell(cluster, 'go')).toEqual([]);
    expect(tell(cluster, 'nudge')).toContain('element.entered guard');
    expect(tell(cluster, 'nudge')).toContain('element.entered guard');
    expect(tell(cluster, 'nudge')).toEqual([]);
    cluster.completeJob({});
    expect(cluster.rowsWith(instanceId)).toEqual([]);
  });

  it('counts what has come against the variables, and gives it back when nobody waits any more', () => {
    const guard = boundary('work', several(true, messageTrigger('go', '=key'), messageTrigger('nudge', '=key')));
    const cluster = new Cluster().install(
      model('p', { start, work: job('a'), guard, next: job('next') }, ['start -> work -> next', 'guard -> next']),
    );
    const instanceId = cluster.start('p', { key: 'k' });
    const bytes = (): number => cluster.partitions[0]?.state.get('instance', instanceId)?.variableBytes ?? 0;
    const before = bytes();
    tell(cluster, 'go', { big: 'x'.repeat(1000) });
    expect(bytes()).toBeGreaterThan(before + 1000);
    cluster.completeJob({});
    expect(bytes()).toBe(before);
  });

  it('goes on after a migration that renames it, and is refused where it would wait for something else', () => {
    const of = (id: string, trigger: typeof allOf) =>
      model('p', { start, [id]: catching(trigger), next: job('next') }, [`start -> ${id} -> next`]);
    const cluster = new Cluster().install(of('wait', allOf), 1).install(of('rest', allOf), 2);
    cluster
      .install(of('wait', several(true, messageTrigger('go', '=key'), signalTrigger('x'))), 3)
      .install(of('wait', allOf), 1);
    const instanceId = cluster.start('p', { key: 'k' }, { definitionVersion: 1 });
    tell(cluster, 'go');
    const migrate = (definitionVersion: number, mapping: Record<string, string>): void =>
      void cluster.run({ kind: 'migrateInstance', instanceId, definitionVersion, mapping });
    migrate(3, {});
    expect(cluster.last('command.rejected').message).toContain('do not wait for the same');
    migrate(2, { wait: 'rest' });
    cluster.run({ kind: 'updateVariables', instanceId, variables: { n: 2 } });
    expect(tell(cluster, 'nudge')).toEqual(['element.completed rest', 'element.entered next']);
  });
});

describe('an event that throws several things', () => {
  it('throws all of them', () => {
    const all = throwingAll([throwing('alarm'), endWithMessage('news', '=key')]);
    const cluster = new Cluster().install(model('p', { start, all, end }, ['start -> all -> end']));
    cluster.start('p', { key: 'k' });
    expect(cluster.all('signal.thrown').map(({ name }) => name)).toEqual(['alarm']);
    expect(cluster.all('message.thrown').map(({ name }) => name)).toEqual(['news']);
    expect(cluster.all('instance.completed')).toHaveLength(1);
  });

  it('throws nothing while one of them cannot be, and each once when that is mended', () => {
    const all = throwingAll([throwing('alarm'), endWithMessage('news', '=missing')]);
    const cluster = new Cluster().install(model('p', { start, all, end }, ['start -> all -> end']));
    const instanceId = cluster.start('p');
    expect(cluster.all('signal.thrown')).toEqual([]);
    cluster.run({ kind: 'updateVariables', instanceId, variables: { missing: 'k' } });
    cluster.run({ kind: 'resolveIncident', incidentKey: cluster.last('incident.raised').incidentKey });
    expect(cluster.all('signal.thrown')).toHaveLength(1);
    expect(cluster.all('message.thrown')).toHaveLength(1);
  });

  it('ends with a signal and an error, or with a signal and the end of all', () => {
    const over = (last: typeof terminate) =>
      ({ ...throwingAll([endWithSignal('alarm')], last), kind: 'endEvent' }) as never;
    const elements = { start, sub: subProcess(), ...inside('sub', { s: start, over: over(endWithError('E1')) }) };
    const caught = boundary('sub', errorTrigger('E1'));
    const cluster = new Cluster().install(
      model('p', { ...elements, caught, which: exclusive, gone: over(terminate) }, [
        'start -> sub',
        's -> over',
        'caught -> which -> gone',
      ]),
    );
    const instanceId = cluster.start('p');
    expect(cluster.all('signal.thrown')).toHaveLength(2);
    expect(cluster.all('instance.terminated')).toHaveLength(1);
    expect(cluster.rowsWith(instanceId)).toEqual([]);
  });

  it('waits for the job that sends its message, when the rest is thrown', () => {
    const all = throwingAll([throwing('alarm')], job('send'));
    const cluster = new Cluster().install(model('p', { start, all, end }, ['start -> all -> end']));
    cluster.start('p');
    expect(cluster.all('signal.thrown')).toHaveLength(1);
    expect(path(cluster.completeJob({}))).toContain('instance.completed');
    expect(cluster.now).toBe(NOON);
  });
});
