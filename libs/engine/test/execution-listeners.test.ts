import { describe, expect, it } from 'vitest';
import { BACKOFF_FIRST_MS, VARIABLES_BYTES_MAX } from '../src/index.ts';
import { Cluster } from './support/cluster.ts';
import {
  type Spec,
  adHoc,
  boundary,
  call,
  catching,
  end,
  eventSubProcess,
  escalate,
  escalationTrigger,
  exclusive,
  feel,
  firstEvent,
  heard,
  job,
  listenersFor,
  map,
  messageTrigger,
  model,
  parallel,
  pass,
  script,
  start,
  startOn,
  subProcess,
  terminate,
  timerTrigger,
  times,
  undoing,
  undoneBy,
  compensate,
  userTask,
} from './support/model.ts';
import { path, story } from './support/story.ts';

const types = (cluster: Cluster): string[] => cluster.jobs().map(({ type }) => type);
const around = (spec: Spec): Cluster =>
  new Cluster().install(model('p', { start, work: spec, end }, ['start -> work -> end']));

/** Completes the job that was offered last, as long as there is one: the types in their order. */
function workOff(cluster: Cluster, answers: Readonly<Record<string, object>> = {}): string[] {
  const done: string[] = [];
  for (let offered = cluster.jobs().length; offered > done.length; offered = cluster.jobs().length) {
    const next = cluster.jobs()[done.length];
    if (next === undefined) break;
    done.push(next.type);
    cluster.completeJob({ ...answers[next.type] }, next);
  }
  return done;
}

describe('execution listeners', () => {
  it('are asked one after the other, before the work and after it', () => {
    const cluster = around(heard(job('work'), { start: ['a', 'b'], end: ['c', 'd'] }));
    const id = cluster.start('p');
    expect(cluster.lastJob()).toMatchObject({
      type: 'a',
      listener: 'start',
      elementId: 'work',
      attempt: 1,
      retries: 3,
    });
    expect(workOff(cluster)).toEqual(['a', 'b', 'work', 'c', 'd']);
    expect(cluster.jobs().map(({ listener }) => listener)).toEqual(['start', 'start', undefined, 'end', 'end']);
    expect(cluster.all('instance.completed')).toHaveLength(1);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('tell their way in the events', () => {
    const cluster = around(heard(pass, { start: ['a'], end: ['b'] }));
    cluster.start('p');
    expect(story(cluster.completeJob())).toEqual([
      'job.completed work',
      'listeners.done work',
      'listener.called work',
      'job.created work',
    ]);
    expect(path(cluster.completeJob())).toEqual([
      'element.completed work',
      'element.entered end',
      'element.completed end',
      'instance.completed',
    ]);
  });

  it('of the start see what the inputs have mapped, and what they bring is local to the element', () => {
    const work = heard(job('work', { inputs: [map('=x * 2', 'twice')], outputs: [map('=local', 'kept')] }), {
      start: ['a', 'b'],
    });
    const cluster = around(work);
    const id = cluster.start('p', { x: 2 });
    expect(cluster.lastJob().variables).toEqual({ x: 2, twice: 4 });
    cluster.completeJob({ local: 1 });
    expect(cluster.lastJob()).toMatchObject({ type: 'b', variables: { x: 2, twice: 4, local: 1 } });
    cluster.completeJob({ twice: 5 });
    expect(cluster.lastJob()).toMatchObject({ type: 'work', variables: { twice: 5, local: 1 } });
    cluster.completeJob();
    const changed = cluster.all('variables.changed').filter(({ scopeKey }) => scopeKey === id);
    expect(changed.map(({ values }) => values)).toEqual([{ kept: 1 }]);
  });

  it('of the end see what the outputs have mapped, and what they bring goes where outputs go', () => {
    const work = heard(job('work', { outputs: [map('=result', 'kept')] }), { end: ['a', 'b'] });
    const cluster = new Cluster().install(model('p', { start, work, next: job('next') }, ['start -> work -> next']));
    cluster.start('p');
    cluster.completeJob({ result: 7 });
    expect(cluster.lastJob()).toMatchObject({ type: 'a', variables: { kept: 7, result: 7 } });
    cluster.completeJob({ more: 1 });
    expect(cluster.lastJob()).toMatchObject({ type: 'b', variables: { kept: 7, result: 7, more: 1 } });
    cluster.completeJob({ kept: 8 });
    expect(cluster.lastJob()).toMatchObject({ type: 'next', variables: { kept: 8, more: 1 } });
  });

  it('come before anything is open: boundary events, messages, timers', () => {
    const trigger = messageTrigger('go', '=key');
    const process = model(
      'p',
      {
        start,
        wait: heard(catching(trigger), { start: ['a'] }),
        work: heard(job('work'), { start: ['b'], end: ['c'] }),
        late: boundary('work', timerTrigger('duration', 'PT1S')),
        end,
      },
      ['start -> wait -> work -> end'],
    );
    const cluster = new Cluster().install(process);
    cluster.start('p');
    expect(cluster.all('wait.opened')).toEqual([]);
    // The listener says what the message is correlated by.
    cluster.completeJob({ key: 'k' });
    expect(cluster.last('wait.opened').correlationKey).toBe('k');
    cluster.run({ kind: 'publishMessage', name: 'go', correlationKey: 'k', ttlMs: 0, variables: {} });
    expect(cluster.lastJob().type).toBe('b');
    cluster.pass(5_000);
    cluster.completeJob();
    expect(cluster.lastJob().type).toBe('work');
    cluster.completeJob();
    // What the work waited for is closed: the timer does not come while a listener of its end is asked.
    cluster.pass(5_000);
    expect(cluster.lastJob().type).toBe('c');
    cluster.completeJob();
    expect(cluster.all('instance.completed')).toHaveLength(1);
  });

  it.for<[string, Record<string, Spec>, string[], string[]]>([
    [
      'an exclusive gateway',
      { g: heard(exclusive, { start: ['a'] }), yes: job('yes'), no: job('no') },
      ['start -> g', 'g -> yes [x = 1]', 'g -> no [default]'],
      ['a', 'yes'],
    ],
    [
      'a parallel gateway that joins',
      { f: parallel, one: pass, two: pass, g: heard(parallel, { start: ['a'] }), yes: job('yes') },
      ['start -> f', 'f -> one -> g', 'f -> two -> g', 'g -> yes'],
      ['a', 'yes'],
    ],
    ['an end event', { e: heard(end, { start: ['a'], end: ['b'] }) }, ['start -> e'], ['a', 'b']],
    [
      'a sub-process',
      {
        sub: heard(subProcess(), { start: ['a'], end: ['b'] }),
        s: { ...start, scope: 'sub' },
        w: { ...job('work'), scope: 'sub' },
      },
      ['start -> sub', 's -> w'],
      ['a', 'work', 'b'],
    ],
    ['a script', { s: heard(script('x + 1', 'y'), { start: ['a'], end: ['b'] }) }, ['start -> s'], ['a', 'b']],
    [
      'an ad-hoc sub-process',
      {
        sub: heard(adHoc({ activeElements: feel('["w"]') }), { start: ['a'], end: ['b'] }),
        w: { ...job('work'), scope: 'sub' },
      },
      ['start -> sub'],
      ['a', 'work', 'b'],
    ],
  ])('%s has them', ([, elements, flows, expected]) => {
    const cluster = new Cluster().install(model('p', { start, ...elements }, flows));
    const id = cluster.start('p');
    expect(workOff(cluster, { a: { x: 1 } })).toEqual(expected);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('of a terminate end event are asked before it ends anything', () => {
    const over = heard(terminate, { end: ['a'] });
    const process = model('p', { start, f: parallel, over, work: job('work') }, [
      'start -> f',
      'f -> work',
      'f -> over',
    ]);
    const cluster = new Cluster().install(process);
    cluster.start('p');
    expect(cluster.lastJob().type).toBe('a');
    expect(path(cluster.completeJob())).toEqual([
      'element.completed over',
      'element.terminated work',
      'instance.terminated',
    ]);
  });

  it('of an event behind an event-based gateway are asked when it has come', () => {
    const message = (name: string): Spec => catching(messageTrigger(name, 'fixed'));
    const one = heard(message('one'), { start: ['a'], end: ['b'] });
    const process = model(
      'p',
      { start, first: heard(firstEvent, { start: ['g'] }), one, two: message('two'), next: job('next') },
      ['start -> first', 'first -> one -> next', 'first -> two'],
    );
    const cluster = new Cluster().install(process);
    const id = cluster.start('p');
    cluster.completeJob();
    cluster.run({ kind: 'publishMessage', name: 'one', correlationKey: 'fixed', ttlMs: 0, variables: { news: 1 } });
    expect(types(cluster)).toEqual(['g', 'a']);
    expect(cluster.all('variables.changed')).toEqual([]);
    cluster.completeJob();
    expect(cluster.lastJob()).toMatchObject({ type: 'b', variables: { news: 1 } });
    cluster.completeJob();
    cluster.completeJob();
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('of a boundary event are asked when it has come, and those of its activity are not', () => {
    const process = model(
      'p',
      {
        start,
        work: heard(job('work'), { end: ['never'] }),
        late: heard(boundary('work', timerTrigger('duration', 'PT1S')), { end: ['b'] }),
        end,
      },
      ['start -> work -> end', 'late -> end'],
    );
    const cluster = new Cluster().install(process);
    const id = cluster.start('p');
    cluster.pass(1_000);
    expect(types(cluster)).toEqual(['work', 'b']);
    cluster.completeJob();
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('of an event sub-process see what its event has brought', () => {
    const process = model(
      'p',
      {
        start,
        work: job('work'),
        sub: heard(eventSubProcess, { start: ['a'], end: ['b'] }),
        on: { ...startOn(messageTrigger('go', 'fixed')), scope: 'sub' },
        inner: { ...job('inner'), scope: 'sub' },
      },
      ['start -> work', 'on -> inner'],
    );
    const cluster = new Cluster().install(process);
    const id = cluster.start('p');
    cluster.run({ kind: 'publishMessage', name: 'go', correlationKey: 'fixed', ttlMs: 0, variables: { news: 1 } });
    cluster.completeJob();
    expect(cluster.lastJob()).toMatchObject({ type: 'inner', variables: { news: 1 } });
    cluster.completeJob();
    cluster.completeJob();
    expect(types(cluster)).toEqual(['work', 'a', 'inner', 'b']);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('of an escalation event are not asked at its end when it is interrupted by what it throws', () => {
    const inner = {
      s: { ...start, scope: 'sub' },
      throws: { ...heard(escalate('E'), { start: ['a'], end: ['b'] }), scope: 'sub' },
    };
    const process = (interrupting: boolean) =>
      model('p', { start, sub: subProcess(), ...inner, on: boundary('sub', escalationTrigger('E'), interrupting) }, [
        'start -> sub',
        's -> throws',
      ]);
    for (const [interrupting, expected] of [
      [true, ['a']],
      [false, ['a', 'b']],
    ] as const) {
      const cluster = new Cluster().install(process(interrupting));
      const id = cluster.start('p');
      expect(workOff(cluster)).toEqual(expected);
      expect(cluster.rowsWith(id)).toEqual([]);
    }
  });

  it('of a multi-instance are those of each time, but for those of beforeAll, which say what it goes through', () => {
    const each = heard(
      times(job('work'), {
        inputCollection: feel('items'),
        inputElement: 'item',
        outputCollection: 'all',
        outputElement: feel('result + extra'),
      }),
      { beforeAll: ['items'], start: ['a'], end: ['b'] },
    );
    const cluster = new Cluster().install(model('p', { start, each, next: job('next') }, ['start -> each -> next']));
    cluster.start('p');
    expect(types(cluster)).toEqual(['items']);
    expect(cluster.lastJob().listener).toBe('beforeAll');
    cluster.completeJob({ items: [10, 20] });
    expect(types(cluster)).toEqual(['items', 'a', 'a']);
    expect(cluster.lastJob().variables).toMatchObject({ item: 20, loopCounter: 2 });
    for (const offered of cluster.jobs().slice(1)) cluster.completeJob({}, offered);
    for (const offered of cluster.jobs().slice(3)) cluster.completeJob({ result: 1 }, offered);
    for (const [at, offered] of cluster.jobs().slice(5).entries()) cluster.completeJob({ extra: at }, offered);
    expect(cluster.lastJob()).toMatchObject({ type: 'next', variables: { all: [1, 2] } });
  });

  it('of what undoes an activity are asked as well', () => {
    const process = model(
      'p',
      {
        start,
        done: pass,
        undo: undoing(heard(job('undo'), { start: ['a'], end: ['b'] })),
        on: undoneBy('done', 'undo'),
        back: heard(compensate(), { end: ['c'] }),
      },
      ['start -> done -> back'],
    );
    const cluster = new Cluster().install(process);
    const id = cluster.start('p');
    expect(workOff(cluster)).toEqual(['a', 'undo', 'b', 'c']);
    expect(cluster.rowsWith(id)).toEqual([]);
  });
});

describe('the listeners of a process', () => {
  const process = (
    listeners: object,
    elements: Record<string, Spec> = { work: job('work') },
    flows = ['start -> work'],
  ) => ({
    ...model('p', { start, ...elements }, flows),
    listeners: listenersFor(listeners),
  });

  it('come before all else and after it; what they bring is the instance\u2019s', () => {
    const sub = {
      work: job('work'),
      sub: eventSubProcess,
      on: { ...startOn(messageTrigger('go', '=key'), false), scope: 'sub' },
    };
    const cluster = new Cluster().install(process({ start: ['a'], end: ['b'] }, sub));
    const id = cluster.start('p', { x: 1 });
    expect(cluster.lastJob()).toMatchObject({ type: 'a', elementId: 'p', listener: 'start', variables: { x: 1 } });
    expect(cluster.all('wait.opened')).toEqual([]);
    cluster.completeJob({ key: 'k' });
    expect(cluster.last('wait.opened').correlationKey).toBe('k');
    expect(cluster.lastJob()).toMatchObject({ type: 'work', variables: { x: 1, key: 'k' } });
    cluster.completeJob();
    expect(cluster.all('wait.closed')).toHaveLength(1);
    expect(cluster.all('instance.completed')).toEqual([]);
    cluster.completeJob();
    expect(cluster.all('instance.completed')).toHaveLength(1);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('are asked by a terminate end event, not by a cancellation', () => {
    const cluster = new Cluster().install(
      process({ end: ['b'] }, { work: job('work'), over: terminate }, ['start -> work -> over']),
    );
    cluster.start('p');
    cluster.completeJob();
    expect(cluster.lastJob().type).toBe('b');
    cluster.completeJob();
    expect(cluster.all('instance.terminated')).toHaveLength(1);
    const id = cluster.start('p');
    cluster.run({ kind: 'cancelInstance', instanceId: id });
    expect(cluster.all('instance.cancelled')).toHaveLength(1);
    expect(types(cluster)).toEqual(['work', 'b', 'work']);
  });

  it('give the caller what they have brought', () => {
    const cluster = new Cluster().install({ ...process({ end: ['b'] }), id: 'child' });
    cluster.install(model('p', { start, calls: call('child'), next: job('next') }, ['start -> calls -> next']));
    const id = cluster.start('p');
    cluster.completeJob();
    cluster.completeJob({ y: 2 });
    expect(cluster.lastJob()).toMatchObject({ type: 'next', variables: { y: 2 } });
    cluster.completeJob();
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('are in a token that nobody acts on', () => {
    const cluster = new Cluster().install(process({ start: ['a'] }));
    const instanceId = cluster.start('p');
    const { elementKey } = cluster.lastJob();
    cluster.run({ kind: 'executeAction', instanceId, elementKey, action: 'complete', variables: {} });
    cluster.run({ kind: 'activateElements', instanceId, elementKey, elementIds: ['work'] });
    cluster.run({ kind: 'moveTokenBack', instanceId, elementKey });
    expect(cluster.all('command.rejected').map(({ reason }) => reason)).toEqual([
      'NOT_FOUND',
      'INVALID_STATE',
      'NOT_ALLOWED',
    ]);
    cluster.run({ kind: 'modifyInstance', instanceId, activate: [], terminate: [{ elementKey }] });
    expect(cluster.all('instance.cancelled')).toHaveLength(1);
    expect(cluster.rowsWith(instanceId)).toEqual([]);
  });

  it('are all that is left: nothing else begins, and a cancellation ends them', () => {
    const cluster = new Cluster().install(process({ end: ['b'] }));
    const id = cluster.start('p');
    cluster.completeJob();
    cluster.run({ kind: 'modifyInstance', instanceId: id, activate: [{ elementId: 'work' }], terminate: [] });
    expect(cluster.last('command.rejected').reason).toBe('INVALID_STATE');
    cluster.run({ kind: 'cancelInstance', instanceId: id });
    expect(cluster.last('job.cancelled')).toMatchObject({ elementId: 'p' });
    expect(cluster.rowsWith(id)).toEqual([]);
  });
});

describe('a listener that does not answer as it should', () => {
  const listened = (): Cluster => around(heard(job('work'), { start: ['a', 'b'], end: ['c'] }));

  it('is offered again, and when its retries are used up the incident offers that one alone', () => {
    const cluster = listened();
    cluster.start('p');
    cluster.completeJob();
    cluster.failJob('not now');
    cluster.pass(BACKOFF_FIRST_MS);
    expect(cluster.lastJob()).toMatchObject({ type: 'b', attempt: 2, listener: 'start' });
    cluster.failJob('not now', { retries: 0 });
    expect(cluster.last('incident.raised')).toMatchObject({ elementId: 'work', reason: 'JOB_RETRIES_EXHAUSTED' });
    cluster.run({ kind: 'resolveIncident', incidentKey: cluster.last('incident.raised').incidentKey });
    expect(cluster.lastJob()).toMatchObject({ type: 'b', attempt: 3, retries: 3 });
    expect(types(cluster)).toEqual(['a', 'b', 'b', 'b']);
    cluster.completeJob();
    expect(cluster.lastJob().type).toBe('work');
  });

  it('cannot throw a BPMN error: that is an incident, whatever would catch it', () => {
    const process = model(
      'p',
      {
        start,
        sub: subProcess(),
        s: { ...start, scope: 'sub' },
        work: { ...heard(job('work'), { start: ['a'] }), scope: 'sub' },
        on: boundary('sub', { kind: 'error' }),
        end,
      },
      ['start -> sub', 's -> work', 'on -> end'],
    );
    const cluster = new Cluster().install(process);
    cluster.start('p');
    const { instanceId, jobKey, attempt } = cluster.lastJob();
    cluster.run({ kind: 'throwJobError', instanceId, jobKey, attempt, code: 'E' });
    expect(cluster.last('incident.raised')).toMatchObject({
      reason: 'UNHANDLED_ERROR',
      message: 'expected the listener "a" to complete or to fail, but it threw the error "E", which nothing can catch',
    });
    cluster.run({ kind: 'resolveIncident', incidentKey: cluster.last('incident.raised').incidentKey });
    cluster.completeJob();
    expect(cluster.lastJob().type).toBe('work');
  });

  it('has an incident when its type cannot be evaluated, and all listeners of the event are asked again', () => {
    const cluster = around(heard(job('work'), { start: ['a', '=which'] }));
    const id = cluster.start('p');
    cluster.completeJob();
    expect(cluster.last('incident.raised')).toMatchObject({ elementId: 'work', reason: 'EXPRESSION_FAILED' });
    cluster.run({ kind: 'updateVariables', instanceId: id, variables: { which: 'b' } });
    cluster.run({ kind: 'resolveIncident', incidentKey: cluster.last('incident.raised').incidentKey });
    expect(workOff(cluster)).toEqual(['a', 'a', 'b', 'work']);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('is asked again when what follows cannot be done', () => {
    const cluster = around(heard(job('=kind'), { start: ['a'] }));
    cluster.start('p');
    cluster.completeJob();
    expect(cluster.last('incident.raised').reason).toBe('EXPRESSION_FAILED');
    cluster.run({ kind: 'resolveIncident', incidentKey: cluster.last('incident.raised').incidentKey });
    cluster.completeJob({ kind: 'work' });
    expect(types(cluster)).toEqual(['a', 'a', 'work']);
  });

  it('waits for a person when what it brings does not fit', () => {
    const cluster = listened();
    cluster.start('p');
    cluster.completeJob({ x: 'x'.repeat(VARIABLES_BYTES_MAX) });
    expect(cluster.last('incident.raised').reason).toBe('VARIABLES_TOO_LARGE');
    cluster.run({ kind: 'resolveIncident', incidentKey: cluster.last('incident.raised').incidentKey });
    cluster.completeJob({ x: 1 });
    expect(cluster.lastJob().type).toBe('b');
  });

  it('is offered again when its time is over', () => {
    const listeners = listenersFor({ start: ['a'] });
    const [action] = listeners.start ?? [];
    const timed = { start: [{ ...action, timeout: { kind: 'literal', value: 'PT10S' } }] };
    const cluster = around({ ...job('work'), listeners: timed } as Spec);
    cluster.start('p');
    cluster.pass(10_000);
    expect(cluster.lastJob()).toMatchObject({ type: 'a', attempt: 2, listener: 'start' });
  });
});

describe('while a listener is asked', () => {
  it('its element can be cancelled with what is around it, by any way', () => {
    const process = model(
      'p',
      {
        start,
        sub: subProcess(),
        s: { ...start, scope: 'sub' },
        work: { ...heard(job('work'), { start: ['a'], end: ['b'] }), scope: 'sub' },
        late: boundary('sub', timerTrigger('duration', 'PT1S')),
        next: userTask(),
        end,
      },
      ['start -> sub -> end', 's -> work', 'late -> next'],
    );
    const cluster = new Cluster().install(process);
    const id = cluster.start('p');
    cluster.completeJob();
    cluster.completeJob();
    expect(cluster.lastJob().type).toBe('b');
    cluster.pass(1_000);
    expect(cluster.last('job.cancelled')).toMatchObject({ elementId: 'work' });
    expect(cluster.last('task.created').elementId).toBe('next');
    cluster.run({ kind: 'cancelInstance', instanceId: id });
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('its answer is held for a suspended instance', () => {
    const cluster = around(heard(pass, { start: ['a'], end: ['b'] }));
    const id = cluster.start('p');
    cluster.run({ kind: 'suspendInstance', instanceId: id });
    cluster.completeJob();
    expect(types(cluster)).toEqual(['a']);
    cluster.run({ kind: 'resumeInstance', instanceId: id });
    expect(types(cluster)).toEqual(['a', 'b']);
  });

  it('the instance can go on by another definition: what that has of listeners is asked from there on', () => {
    const cluster = around(heard(job('work'), { start: ['a', 'b', 'c'] }));
    const id = cluster.start('p');
    const late = boundary('work', timerTrigger('duration', 'PT1S'));
    const fewer = model('p', { start, work: heard(job('work'), { start: ['a'], end: ['d'] }), late, end }, [
      'start -> work -> end',
    ]);
    cluster.install(fewer, 2);
    cluster.run({ kind: 'migrateInstance', instanceId: id, definitionVersion: 2, mapping: {} });
    expect(cluster.all('timer.scheduled')).toEqual([]);
    cluster.completeJob();
    expect(cluster.all('timer.scheduled')).toHaveLength(1);
    expect(cluster.lastJob().type).toBe('work');
    cluster.completeJob();
    expect(cluster.lastJob().type).toBe('d');
  });

  it('a sub-process takes no tokens by hand', () => {
    const sub = {
      sub: heard(subProcess(), { start: ['a'] }),
      s: { ...start, scope: 'sub' },
      w: { ...job('work'), scope: 'sub' },
    };
    const cluster = new Cluster().install(model('p', { start, ...sub }, ['start -> sub', 's -> w']));
    const instanceId = cluster.start('p');
    cluster.run({ kind: 'modifyInstance', instanceId, activate: [{ elementId: 'w' }], terminate: [] });
    expect(cluster.last('command.rejected')).toMatchObject({
      reason: 'INVALID_STATE',
      message: 'expected "sub" to be open, but its listeners have not answered yet',
    });
  });
});
