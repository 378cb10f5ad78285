import { describe, expect, it } from 'vitest';
import { Cluster, NOON } from './support/cluster.ts';
import {
  boundary,
  catching,
  end,
  endWithError,
  errorTrigger,
  job,
  map,
  messageTrigger,
  model,
  start,
  startBy,
  timerTrigger,
} from './support/model.ts';
import { path, story } from './support/story.ts';

describe('a timer catch event', () => {
  it.for([
    ['duration', 'PT1H', NOON + 3_600_000],
    ['duration', '=after', NOON + 60_000],
    ['date', '2026-01-02T12:00:00Z', NOON + 86_400_000],
  ] as const)('waits for the %s %s', ([kind, text, dueAt]) => {
    const process = model('p', { start, wait: catching(timerTrigger(kind, text)), end }, ['start -> wait -> end']);
    const cluster = new Cluster().install(process);
    const id = cluster.start('p', { after: 'PT1M' });
    expect(path(cluster.pass(dueAt - NOON - 1)).slice(-1)).toEqual([]);
    expect(path(cluster.pass(1))).toEqual([
      'element.completed wait',
      'element.entered end',
      'element.completed end',
      'instance.completed',
    ]);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('does not wait for a date that has passed', () => {
    const wait = catching(timerTrigger('date', '2025-01-01T00:00:00Z'));
    const cluster = new Cluster().install(model('p', { start, wait, end }, ['start -> wait -> end']));
    cluster.start('p');
    cluster.pass(0);
    expect(cluster.all('instance.completed')).toHaveLength(1);
  });

  it('raises TIMER_INVALID for what is no time, and waits when that is mended', () => {
    const process = model('p', { start, wait: catching(timerTrigger('duration', '=after')), end }, [
      'start -> wait -> end',
    ]);
    const cluster = new Cluster().install(process);
    const instanceId = cluster.start('p', { after: 'soon' });
    const { incidentKey, reason } = cluster.last('incident.raised');
    expect(reason).toBe('TIMER_INVALID');
    cluster.run({ kind: 'updateVariables', instanceId, variables: { after: 'PT1S' } });
    expect(story(cluster.run({ kind: 'resolveIncident', incidentKey }))).toEqual([
      'incident.resolved wait',
      'timer.scheduled catch',
    ]);
    cluster.pass(1000);
    expect(cluster.all('instance.completed')).toHaveLength(1);
  });
});

describe('a timer boundary event', () => {
  it('interrupts: the job is closed and the token goes on from the event', () => {
    const elements = {
      start,
      work: job('work'),
      late: boundary('work', timerTrigger('duration', 'PT1H')),
      tell: job('tell'),
      end,
    };
    const cluster = new Cluster().install(model('p', elements, ['start -> work -> end', 'late -> tell']));
    const id = cluster.start('p');
    const work = cluster.lastJob();
    expect(story(cluster.pass(3_600_000))).toEqual([
      'timer.fired boundary',
      'job.cancelled work',
      'element.terminated work',
      'element.entered late',
      'element.completed late',
      'flow.taken late->tell',
      'element.entered tell',
      'job.created tell',
    ]);
    expect(story(cluster.completeJob({}, work))).toEqual(['command.rejected completeJob NOT_FOUND']);
    cluster.completeJob();
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('is gone when the activity completes in time', () => {
    const elements = { start, work: job('work'), late: boundary('work', timerTrigger('duration', 'PT1H')), end };
    const cluster = new Cluster().install(model('p', elements, ['start -> work -> end']));
    cluster.start('p');
    expect(story(cluster.completeJob())).toContain('timer.cancelled boundary');
    expect(cluster.pass(7_200_000)).toEqual([]);
  });

  it('repeats as its cycle says when it does not interrupt, and sends a token each time', () => {
    const reminder = boundary('work', timerTrigger('cycle', 'R3/PT1H'), false);
    const process = model('p', { start, work: job('work'), reminder, tell: job('tell'), end }, [
      'start -> work -> end',
      'reminder -> tell',
    ]);
    const cluster = new Cluster().install(process);
    const id = cluster.start('p');
    cluster.pass(10 * 3_600_000);
    const told = cluster.jobs().filter(({ type }) => type === 'tell');
    expect(told).toHaveLength(3);
    for (const offered of cluster.jobs()) cluster.completeJob({}, offered);
    expect(cluster.all('instance.completed')).toHaveLength(1);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('does not fire for every cycle that passed while nobody looked', () => {
    const reminder = boundary('work', timerTrigger('cycle', 'R/PT1H'), false);
    const process = model('p', { start, work: job('work'), reminder, end }, ['start -> work -> end']);
    const cluster = new Cluster().install(process);
    cluster.start('p');
    cluster.now += 100 * 3_600_000;
    cluster.fireDue();
    cluster.fireDue();
    expect(cluster.all('timer.fired')).toHaveLength(1);
    expect(cluster.last('timer.scheduled').dueAt).toBe(cluster.now + 3_600_000);
  });
});

describe('an error end event', () => {
  it('becomes an incident at the top level, where nobody can catch it', () => {
    const process = model('p', { start, fail: endWithError('=code') }, ['start -> fail']);
    const cluster = new Cluster().install(process);
    const instanceId = cluster.start('p', { code: 'OUT' });
    expect(cluster.last('incident.raised')).toMatchObject({ elementId: 'fail', reason: 'UNHANDLED_ERROR' });
    cluster.run({ kind: 'cancelInstance', instanceId });
    expect(cluster.last('incident.resolved').by).toBe('left');
    expect(cluster.rowsWith(instanceId)).toEqual([]);
  });
});

describe('a timer that was cancelled before its turn came', () => {
  it('does nothing', () => {
    const elements = { start, work: job('work'), late: boundary('work', timerTrigger('duration', 'PT1H')), end };
    const cluster = new Cluster().install(model('p', elements, ['start -> work -> end']));
    cluster.start('p');
    const { timerKey, dueAt, purpose } = cluster.last('timer.scheduled');
    cluster.completeJob();
    expect(cluster.decideTimer({ timerKey, dueAt, purpose })).toEqual({ events: [], outputs: [] });
  });
});

describe('start events by time', () => {
  const hourly = (text: string) =>
    model('hourly', { tick: startBy(timerTrigger('cycle', text)), work: job('tick') }, ['tick -> work']);

  it('start an instance for each cycle, spread over the partitions', () => {
    const cluster = new Cluster(4);
    cluster.deploy(hourly('R6/PT1H'));
    cluster.pass(24 * 3_600_000);
    expect(cluster.all('instance.started')).toHaveLength(6);
    const partitions = new Set(cluster.all('instance.started').map(({ instanceId }) => instanceId.slice(0, 4)));
    expect(partitions.size).toBeGreaterThan(1);
  });

  it('follow the latest version alone', () => {
    const cluster = new Cluster(2);
    cluster.deploy(hourly('R/PT1H'));
    cluster.pass(3_600_000);
    cluster.deploy(hourly('R/PT2H'), 'd2');
    cluster.pass(2 * 3_600_000);
    expect(cluster.all('instance.started').map(({ definitionVersion }) => definitionVersion)).toEqual([1, 2]);
    cluster.deploy(model('hourly', { start, end }, ['start -> end']), 'd3');
    expect(cluster.pass(100 * 3_600_000)).toEqual([]);
  });
});

describe('mappings', () => {
  it('of a boundary event see what the error brought', () => {
    const declined = boundary('work', errorTrigger('NO'), true, { outputs: [map('=reason', 'problem.text')] });
    const process = model('p', { start, work: job('work'), declined, next: job('next'), end }, [
      'start -> work -> end',
      'declined -> next',
    ]);
    const cluster = new Cluster().install(process);
    const instanceId = cluster.start('p');
    const { jobKey } = cluster.lastJob();
    const variables = { reason: 'too old', noise: 1 };
    cluster.run({ kind: 'throwJobError', instanceId, jobKey, attempt: 1, code: 'NO', variables });
    expect(cluster.lastJob().variables).toEqual({ problem: { text: 'too old' } });
  });

  it('that fail raise an incident with the element still there; mended, the way goes on', () => {
    const work = job('work', { outputs: [map('=1/0 + for', 'x')] });
    const process = model('p', { start, work, end }, ['start -> work -> end']);
    const cluster = new Cluster().install(process);
    const instanceId = cluster.start('p');
    cluster.completeJob({ a: 1 });
    expect(cluster.last('incident.raised')).toMatchObject({
      elementId: 'work',
      reason: 'IO_MAPPING_FAILED',
      retry: 'leave',
    });
    cluster.run({ kind: 'cancelInstance', instanceId });
    expect(cluster.rowsWith(instanceId)).toEqual([]);
  });

  it('of inputs are evaluated anew when the step is tried again, from outside', () => {
    const work = job('=kind', { inputs: [map('=kind', 'kind')] });
    const cluster = new Cluster().install(model('p', { start, work, end }, ['start -> work -> end']));
    const instanceId = cluster.start('p');
    expect(cluster.last('incident.raised').reason).toBe('EXPRESSION_FAILED');
    cluster.run({ kind: 'updateVariables', instanceId, variables: { kind: 'print' } });
    cluster.run({ kind: 'resolveIncident', incidentKey: cluster.last('incident.raised').incidentKey });
    expect(cluster.lastJob()).toMatchObject({ type: 'print', variables: { kind: 'print' } });
  });
});

describe('a message catch event', () => {
  it.for([
    ['nothing', {}],
    ['an empty text', { key: '' }],
    ['a list', { key: [1] }],
    ['too long a text', { key: 'k'.repeat(201) }],
  ] as const)('raises CORRELATION_KEY_INVALID when its key is %s', ([, variables]) => {
    const elements = { start, wait: catching(messageTrigger('paid', '=key')), end };
    const cluster = new Cluster().install(model('p', elements, ['start -> wait -> end']));
    cluster.start('p', variables);
    expect(cluster.last('incident.raised').reason).toBe('CORRELATION_KEY_INVALID');
  });
});
