import { describe, expect, it } from 'vitest';
import { BACKOFF_FIRST_MS, UNANSWERED_ATTEMPTS_MAX, VARIABLES_BYTES_MAX } from '../src/index.ts';
import { Cluster, NOON } from './support/cluster.ts';
import { boundary, end, errorTrigger, job, type JobOptions, map, model, start } from './support/model.ts';
import { path, story } from './support/story.ts';

function running(options: JobOptions = {}, variables = {}): { cluster: Cluster; id: string } {
  const process = model('p', { start, work: job('charge', options), end }, ['start -> work -> end']);
  const cluster = new Cluster().install(process);
  return { cluster, id: cluster.start('p', variables) };
}

describe('a job that fails', () => {
  it('is offered again after a back-off that doubles, with a new attempt each time', () => {
    const { cluster } = running();
    expect(story(cluster.failJob())).toEqual(['job.failed work retries=2', 'timer.scheduled jobRetry']);
    expect(story(cluster.pass(BACKOFF_FIRST_MS - 1))).toEqual([]);
    expect(story(cluster.pass(1))).toEqual(['timer.fired jobRetry', 'job.offered work attempt=2 retry']);
    cluster.failJob();
    expect(cluster.last('job.failed').retryAt).toBe(cluster.now + 2 * BACKOFF_FIRST_MS);
  });

  it('waits as long as the model says, or as the plugin asks', () => {
    const { cluster } = running({ backoff: 'PT5M' });
    cluster.failJob();
    expect(cluster.last('job.failed').retryAt).toBe(NOON + 300_000);
    cluster.pass(300_000);
    cluster.failJob('rate limited', { retryAfterMs: 1234 });
    expect(cluster.last('job.failed').retryAt).toBe(cluster.now + 1234);
  });

  it('becomes an incident when its retries are used up, and goes on with new ones when that is resolved', () => {
    const { cluster, id } = running({ retries: '=2' });
    cluster.failJob();
    cluster.pass(BACKOFF_FIRST_MS);
    expect(story(cluster.failJob('card expired'))).toEqual([
      'job.failed work retries=0',
      'incident.raised work JOB_RETRIES_EXHAUSTED',
    ]);
    const { incidentKey, message } = cluster.last('incident.raised');
    expect(message).toContain('card expired');
    expect(cluster.pass(3_600_000)).toEqual([]);
    expect(story(cluster.run({ kind: 'resolveIncident', incidentKey, retries: 5 }))).toEqual([
      'incident.resolved work',
      'job.offered work attempt=3 incidentResolved',
    ]);
    expect(cluster.lastJob().retries).toBe(5);
    cluster.completeJob();
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('fails for good at once when the plugin says that no retries are left', () => {
    const { cluster } = running();
    cluster.failJob('never again', { retries: 0 });
    expect(cluster.last('incident.raised').reason).toBe('JOB_RETRIES_EXHAUSTED');
  });
});

describe('an answer to a job', () => {
  it('is taken from any attempt when it is a completion', () => {
    const { cluster } = running();
    const first = cluster.lastJob();
    cluster.failJob();
    cluster.pass(BACKOFF_FIRST_MS);
    cluster.completeJob({}, first);
    expect(cluster.all('instance.completed')).toHaveLength(1);
  });

  it('is taken while the job backs off, whose timer is then gone', () => {
    const { cluster, id } = running();
    cluster.failJob();
    expect(story(cluster.completeJob()).slice(0, 2)).toEqual(['timer.cancelled jobRetry', 'job.completed work']);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('closes the incident that held the job when it completes after all', () => {
    const { cluster, id } = running({ retries: '1' });
    cluster.failJob();
    cluster.completeJob();
    expect(cluster.last('incident.resolved').by).toBe('left');
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('is refused with STALE_ATTEMPT when it is a failure of an earlier attempt', () => {
    const { cluster } = running();
    const first = cluster.lastJob();
    cluster.failJob();
    cluster.pass(BACKOFF_FIRST_MS);
    expect(story(cluster.failJob('late', {}, first))).toEqual(['command.rejected failJob STALE_ATTEMPT']);
  });

  it('is refused with INVALID_STATE when the same attempt has failed before', () => {
    const { cluster } = running();
    cluster.failJob();
    expect(story(cluster.failJob())).toEqual(['command.rejected failJob INVALID_STATE']);
  });

  it('is refused with NOT_FOUND when the job is unknown, finished, or of another instance', () => {
    const { cluster } = running();
    const done = cluster.lastJob();
    const other = { ...done, instanceId: cluster.start('p') };
    expect(story(cluster.completeJob({}, other))).toEqual(['command.rejected completeJob NOT_FOUND']);
    cluster.completeJob({}, done);
    expect(story(cluster.completeJob({}, done))).toEqual(['command.rejected completeJob NOT_FOUND']);
  });
});

describe('a job with a deadline', () => {
  it('is offered again when nobody answers, without using up a retry', () => {
    const { cluster, id } = running({ timeout: '=wait' }, { wait: 'PT30S' });
    expect(cluster.lastJob()).toMatchObject({ attempt: 1, deadline: NOON + 30_000 });
    expect(story(cluster.pass(30_000))).toEqual([
      'timer.fired jobDeadline',
      'job.offered work attempt=2 deadline',
      'timer.scheduled jobDeadline',
    ]);
    expect(cluster.lastJob()).toMatchObject({ attempt: 2, retries: 3, deadline: NOON + 60_000 });
    cluster.completeJob();
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('does not count as unanswered when its attempt has failed', () => {
    const { cluster } = running({ timeout: 'PT30S', backoff: 'PT1H' });
    cluster.failJob();
    expect(cluster.pass(60_000)).toEqual([]);
  });

  it('becomes an incident when it has been offered too often', () => {
    const { cluster } = running({ timeout: 'PT1S' });
    cluster.pass((UNANSWERED_ATTEMPTS_MAX - 1) * 1000);
    expect(cluster.all('incident.raised')).toEqual([]);
    cluster.pass(1000);
    expect(cluster.last('incident.raised').reason).toBe('JOB_NOT_ANSWERED');
    expect(cluster.pass(3_600_000)).toEqual([]);
    cluster.run({ kind: 'resolveIncident', incidentKey: cluster.last('incident.raised').incidentKey });
    expect(cluster.lastJob().attempt).toBe(UNANSWERED_ATTEMPTS_MAX + 1);
  });
});

describe('a BPMN error of a job', () => {
  const process = model(
    'p',
    {
      start,
      work: job('charge'),
      declined: boundary('work', errorTrigger('DECLINED')),
      anything: boundary('work', errorTrigger()),
      end,
      ask: job('ask'),
      look: job('look'),
    },
    ['start -> work -> end', 'declined -> ask', 'anything -> look'],
  );

  it('goes to the boundary event of its code, with its variables', () => {
    const cluster = new Cluster().install(process);
    cluster.start('p');
    const { instanceId, jobKey, attempt } = cluster.lastJob();
    const thrown = { kind: 'throwJobError', instanceId, jobKey, attempt, code: 'DECLINED' } as const;
    expect(story(cluster.run({ ...thrown, variables: { why: 'limit' } }))).toEqual([
      'job.errorThrown work',
      'element.terminated work',
      'element.entered declined',
      'variables.changed {"why":"limit"}',
      'element.completed declined',
      'flow.taken declined->ask',
      'element.entered ask',
      'job.created ask',
    ]);
    cluster.completeJob();
    expect(cluster.all('instance.completed')).toHaveLength(1);
  });

  it('goes to the one that catches all when no other has its code', () => {
    const cluster = new Cluster().install(process);
    cluster.start('p');
    const { instanceId, jobKey } = cluster.lastJob();
    cluster.run({ kind: 'throwJobError', instanceId, jobKey, attempt: 1, code: 'OTHER' });
    expect(cluster.lastJob().type).toBe('look');
  });

  it('becomes an incident when nobody catches it, and resolving offers the job again', () => {
    const { cluster, id } = running();
    const { jobKey } = cluster.lastJob();
    const thrown = {
      kind: 'throwJobError',
      instanceId: id,
      jobKey,
      attempt: 1,
      code: 'X',
      message: 'no such card',
    } as const;
    cluster.run(thrown);
    expect(cluster.last('incident.raised')).toMatchObject({ reason: 'UNHANDLED_ERROR' });
    expect(cluster.last('incident.raised').message).toContain('no such card');
    expect(story(cluster.run(thrown))).toEqual(['command.rejected throwJobError INVALID_STATE']);
    cluster.run({ kind: 'resolveIncident', incidentKey: cluster.last('incident.raised').incidentKey });
    expect(cluster.lastJob().attempt).toBe(2);
    expect(story(cluster.run(thrown))).toEqual(['command.rejected throwJobError STALE_ATTEMPT']);
  });
});

describe('what a job gets and gives', () => {
  it('gets the mapped inputs alone, and everything visible without mappings', () => {
    const mapped = running(
      { inputs: [map('=order.total', 'amount'), map('EUR', 'money.currency')] },
      { order: { total: 9 } },
    );
    expect(mapped.cluster.lastJob().variables).toEqual({ amount: 9, money: { currency: 'EUR' } });
    const plain = running({}, { order: { total: 9 } });
    expect(plain.cluster.lastJob().variables).toEqual({ order: { total: 9 } });
  });

  it('gives only what its output mappings name', () => {
    const { cluster } = running({ outputs: [map('=receipt.id', 'order.receipt')] }, { order: { total: 9 } });
    cluster.completeJob({ receipt: { id: 'r1' }, noise: true });
    expect(cluster.last('variables.changed').values).toEqual({ order: { total: 9, receipt: 'r1' } });
  });

  it('changes an input variable within the task and not outside it', () => {
    const { cluster, id } = running({ inputs: [map('=amount', 'local')] }, { amount: 1 });
    cluster.completeJob({ local: 2, total: 3 });
    const changed = cluster.all('variables.changed').map(({ scopeKey, values }) => [scopeKey === id, values]);
    expect(changed).toEqual([
      [false, { local: 1 }],
      [false, { local: 2 }],
      [true, { total: 3 }],
    ]);
  });

  it('raises an incident when the result is larger than an instance may be, and keeps the job', () => {
    const { cluster, id } = running();
    const big = 'x'.repeat(VARIABLES_BYTES_MAX);
    expect(story(cluster.completeJob({ big }))).toEqual([
      'job.failed work retries=3',
      'incident.raised work VARIABLES_TOO_LARGE',
    ]);
    expect(story(cluster.completeJob({ big }))).toEqual(['command.rejected completeJob TOO_LARGE']);
    cluster.completeJob({ big: 'x' });
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('frees what was local, so that a loop can go round for ever', () => {
    const { cluster } = running({ inputs: [map('=big', 'copy')] }, { big: 'x'.repeat(300_000) });
    expect(cluster.last('variables.changed').variableBytes).toBeGreaterThan(600_000);
    cluster.completeJob();
    expect(path(cluster.events).at(-1)).toBe('instance.completed');
  });
});
