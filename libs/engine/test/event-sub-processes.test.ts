import { describe, expect, it } from 'vitest';
import { TERMINATIONS_PER_STEP_MAX, VARIABLES_BYTES_MAX } from '../src/index.ts';
import { Cluster } from './support/cluster.ts';
import {
  boundary,
  end,
  endWithError,
  errorTrigger,
  eventSubProcess,
  exclusive,
  inside,
  job,
  map,
  messageTrigger,
  model,
  parallel,
  script,
  start,
  startOn,
  subProcess,
  terminate,
  timerTrigger,
  userTask,
} from './support/model.ts';
import { path, story } from './support/story.ts';

const HOUR = 3_600_000;
const late = timerTrigger('duration', 'PT1H');
const stop = messageTrigger('stop', '=key');

type On = Parameters<typeof startOn>;

/** `start → work → end`, and beside it an event sub-process that does `help`. */
function inProcess(...on: On): Cluster {
  const elements = {
    start,
    work: job('work'),
    end,
    esp: eventSubProcess,
    ...inside('esp', { on: startOn(...on), help: job('help'), helped: end }),
  };
  return new Cluster().install(model('p', elements, ['start -> work -> end', 'on -> help -> helped']));
}

/** The same in a sub-process `sub`, with `after` behind it. */
function inSubProcess(...on: On): Cluster {
  const elements = {
    start,
    sub: subProcess(),
    after: job('after'),
    end,
    ...inside('sub', { first: start, work: job('work'), done: end, esp: eventSubProcess }),
    ...inside('esp', { on: startOn(...on), help: job('help'), helped: end }),
  };
  const flows = ['start -> sub -> after -> end', 'first -> work -> done', 'on -> help -> helped'];
  return new Cluster().install(model('p', elements, flows));
}

const say = (name: string, variables = {}) =>
  ({ kind: 'publishMessage', name, correlationKey: 'k', ttlMs: 0, variables }) as const;

describe('an event sub-process that interrupts', () => {
  it('ends what runs in the process and goes on alone', () => {
    const cluster = inProcess(stop);
    const id = cluster.start('p', { key: 'k' });
    expect(story(cluster.run(say('stop', { why: 'rain' })))).toEqual(
      expect.arrayContaining([
        'wait.correlated on',
        'job.cancelled work',
        'element.terminated work',
        'scope.interrupted',
        'element.entered esp',
        'element.entered on',
        'variables.changed {"why":"rain"}',
        'element.completed on',
        'flow.taken on->help',
        'element.entered help',
        'job.created help',
      ]),
    );
    expect(cluster.lastJob()).toMatchObject({ type: 'help', variables: { why: 'rain' } });
    expect(path(cluster.completeJob()).slice(-3)).toEqual([
      'element.completed helped',
      'element.completed esp',
      'instance.completed',
    ]);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('ends what runs in its sub-process, which completes with it', () => {
    const cluster = inSubProcess(late);
    const id = cluster.start('p');
    expect(path(cluster.pass(HOUR))).toEqual([
      'element.terminated work',
      'element.entered esp',
      'element.entered on',
      'element.completed on',
      'element.entered help',
    ]);
    expect(path(cluster.completeJob()).slice(-3)).toEqual([
      'element.completed esp',
      'element.completed sub',
      'element.entered after',
    ]);
    cluster.completeJob();
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('leaves no other to start in its scope, but the boundary events of the scope', () => {
    const elements = {
      start,
      sub: subProcess(),
      after: job('after'),
      abort: boundary('sub', messageTrigger('abort', '=key')),
      ...inside('sub', { first: start, work: job('work'), one: eventSubProcess, two: eventSubProcess }),
      ...inside('one', { onOne: startOn(stop), helpOne: job('one') }),
      ...inside('two', { onTwo: startOn(timerTrigger('cycle', 'R/PT1H'), false), helpTwo: job('two') }),
    };
    const flows = ['start -> sub -> after', 'first -> work', 'onOne -> helpOne', 'onTwo -> helpTwo'];
    const cluster = new Cluster().install(model('p', elements, flows));
    const id = cluster.start('p', { key: 'k' });
    cluster.run(say('stop'));
    expect(cluster.pass(5 * HOUR)).toEqual([]);
    cluster.run(say('abort'));
    expect(cluster.last('instance.completed').instanceId).toBe(id);
    expect(path(cluster.events)).toContain('element.entered abort');
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('catches an error of its scope; one thrown from within it goes further out', () => {
    const elements = {
      start,
      sub: subProcess(),
      outer: boundary('sub', errorTrigger()),
      ...inside('sub', { first: start, fail: endWithError('NO'), esp: eventSubProcess }),
      ...inside('esp', { on: startOn(errorTrigger('NO')), help: job('help'), again: endWithError('NO') }),
    };
    const cluster = new Cluster().install(
      model('p', elements, ['start -> sub', 'first -> fail', 'on -> help -> again']),
    );
    const id = cluster.start('p');
    expect(cluster.lastJob().type).toBe('help');
    cluster.completeJob();
    expect(path(cluster.events).slice(-3)).toEqual([
      'element.entered outer',
      'element.completed outer',
      'instance.completed',
    ]);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('of the process catches an error that would otherwise be an incident', () => {
    const cluster = inProcess(errorTrigger('BROKEN'));
    const instanceId = cluster.start('p');
    const { jobKey } = cluster.lastJob();
    const variables = { part: 'axle' };
    cluster.run({ kind: 'throwJobError', instanceId, jobKey, attempt: 1, code: 'BROKEN', variables });
    expect(cluster.last('job.errorThrown').caughtBy).toBe('on');
    expect(cluster.lastJob()).toMatchObject({ type: 'help', variables });
    cluster.completeJob();
    expect(cluster.rowsWith(instanceId)).toEqual([]);
  });

  it('waits until all else is closed when that takes more than a step; a boundary event may still end it', () => {
    const count = TERMINATIONS_PER_STEP_MAX + 50;
    const elements = {
      start,
      sub: subProcess(),
      abort: boundary('sub', timerTrigger('duration', 'PT2H')),
      ...inside('sub', { first: start, again: exclusive, split: parallel, esp: eventSubProcess }),
      ...inside('sub', {
        more: exclusive,
        wait: userTask(),
        done: end,
        count: script('if n = null then 1 else n + 1', 'n'),
      }),
      ...inside('esp', { on: startOn(late), help: job('help') }),
    };
    const flows = [
      'start -> sub',
      'first -> again -> split',
      'split -> wait',
      'split -> count -> more',
      `more -> again [n < ${count}]`,
      'more -> done [default]',
      'on -> help',
    ];
    for (const isAborted of [false, true]) {
      const cluster = new Cluster().install(model('p', elements, flows));
      const id = cluster.start('p');
      cluster.now += HOUR;
      cluster.fireDue();
      expect(cluster.last('scope.closing').next.kind).toBe('eventSubProcess');
      expect(cluster.jobs()).toEqual([]);
      cluster.now += isAborted ? HOUR : 0;
      cluster.fireDue();
      cluster.settle();
      expect(path(cluster.events).includes('element.entered help')).toBe(!isAborted);
      cluster.run({ kind: 'cancelInstance', instanceId: id });
      expect(cluster.rowsWith(id)).toEqual([]);
    }
  });
});

describe('an event sub-process that does not interrupt', () => {
  it('runs beside what it came to, each time the event comes', () => {
    const cluster = inProcess(stop, false);
    const id = cluster.start('p', { key: 'k' });
    cluster.run(say('stop'));
    cluster.run(say('stop'));
    const [work, ...helps] = cluster.jobs();
    expect(helps).toHaveLength(2);
    cluster.completeJob({}, work);
    expect(cluster.all('instance.completed')).toEqual([]);
    for (const help of helps) cluster.completeJob({}, help);
    expect(cluster.last('instance.completed').instanceId).toBe(id);
    expect(cluster.rowsWith('')).toEqual([]);
  });

  it('repeats as its cycle says, and ends with its scope', () => {
    const cluster = inSubProcess(timerTrigger('cycle', 'R3/PT1H'), false);
    const id = cluster.start('p');
    cluster.pass(2 * HOUR);
    const [work, ...helps] = cluster.jobs();
    expect(helps).toHaveLength(2);
    for (const done of [...helps, work]) cluster.completeJob({}, done);
    expect(cluster.lastJob().type).toBe('after');
    expect(cluster.pass(5 * HOUR)).toEqual([]);
    cluster.completeJob();
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('ends by its terminate end event, and nothing else does', () => {
    const elements = {
      start,
      work: job('work'),
      end,
      esp: eventSubProcess,
      ...inside('esp', { on: startOn(late, false), fork: parallel, ask: userTask(), halt: terminate }),
    };
    const flows = ['start -> work -> end', 'on -> fork -> ask', 'fork -> halt'];
    const cluster = new Cluster().install(model('p', elements, flows));
    const id = cluster.start('p');
    expect(path(cluster.pass(HOUR)).slice(-2)).toEqual(['element.terminated ask', 'element.completed esp']);
    cluster.completeJob();
    expect(cluster.rowsWith(id)).toEqual([]);
  });
});

describe('what starts an event sub-process', () => {
  it('is the start event, whose outputs are mapped into it', () => {
    const cluster = inProcess(stop, true, { outputs: [map('=why', 'reason')] });
    const id = cluster.start('p', { key: 'k', reason: 'none' });
    cluster.run(say('stop', { why: 'rain', noise: 1 }));
    expect(cluster.lastJob().variables).toEqual({ key: 'k', reason: 'rain' });
    cluster.completeJob();
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('is kept when its inputs cannot be mapped, until that is mended', () => {
    const elements = {
      start,
      work: job('work'),
      esp: { ...eventSubProcess, inputs: [map('=big', 'copy')] },
      ...inside('esp', { on: startOn(stop), help: job('help') }),
    };
    const cluster = new Cluster().install(model('p', elements, ['start -> work', 'on -> help']));
    const instanceId = cluster.start('p', { key: 'k', big: 'x'.repeat(VARIABLES_BYTES_MAX / 2) });
    cluster.run(say('stop', { why: 'rain' }));
    expect(cluster.last('incident.raised')).toMatchObject({ elementId: 'esp', brought: { why: 'rain' } });
    cluster.run({ kind: 'updateVariables', instanceId, variables: { big: 'small' } });
    cluster.run({ kind: 'resolveIncident', incidentKey: cluster.last('incident.raised').incidentKey });
    expect(cluster.lastJob()).toMatchObject({ type: 'help', variables: { why: 'rain', copy: 'small' } });
    cluster.run({ kind: 'cancelInstance', instanceId });
    expect(cluster.rowsWith(instanceId)).toEqual([]);
  });

  it('that cannot be waited for holds up the process at its beginning', () => {
    const cluster = inProcess(stop);
    const instanceId = cluster.start('p');
    const { incidentKey, ...incident } = cluster.last('incident.raised');
    expect(incident).toMatchObject({ elementId: 'start', reason: 'CORRELATION_KEY_INVALID', retry: 'begin' });
    cluster.run({ kind: 'updateVariables', instanceId, variables: { key: 'k' } });
    cluster.run({ kind: 'resolveIncident', incidentKey });
    expect(cluster.lastJob().type).toBe('work');
    cluster.run(say('stop'));
    expect(cluster.lastJob().type).toBe('help');
    cluster.completeJob();
    expect(cluster.rowsWith(instanceId)).toEqual([]);
  });

  it('that cannot be waited for holds up the sub-process', () => {
    const cluster = inSubProcess(stop);
    const instanceId = cluster.start('p');
    expect(cluster.last('incident.raised')).toMatchObject({ elementId: 'sub', retry: 'enter' });
    cluster.run({ kind: 'cancelInstance', instanceId });
    expect(cluster.rowsWith(instanceId)).toEqual([]);
  });

  it('is not waited for any more when the instance has ended', () => {
    const cluster = inProcess(stop);
    cluster.start('p', { key: 'k' });
    cluster.completeJob();
    cluster.run(say('stop'));
    expect(cluster.last('message.settled').outcome).toBe('expired');
    expect(cluster.rowsWith('')).toEqual([]);
  });
});
