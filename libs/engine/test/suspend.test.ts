import { describe, expect, it } from 'vitest';
import { HELD_INPUTS_MAX } from '../src/limits.ts';
import { Cluster } from './support/cluster.ts';
import {
  boundary,
  call,
  catching,
  end,
  firstEvent,
  job,
  messageTrigger,
  model,
  receive,
  signalTrigger,
  start,
  timerTrigger,
  userTask,
} from './support/model.ts';
import { path } from './support/story.ts';

const steps = model('steps', { start, one: job('one'), two: job('two'), end }, ['start -> one -> two -> end']);

function suspended(process = steps, variables = {}, partitions = 1): { all: Cluster; instanceId: string } {
  const all = new Cluster(partitions).install(process);
  const instanceId = all.start(process.id, variables);
  all.run({ kind: 'suspendInstance', instanceId, requestId: 's' });
  return { all, instanceId };
}

describe('a suspended instance', () => {
  it('H2: holds the result of a job, and takes it when it is resumed', () => {
    const { all, instanceId } = suspended();
    expect(all.completeJob({ done: true }).map(({ kind }) => kind)).toEqual(['input.held']);
    expect(all.jobs()).toHaveLength(1);
    const events = all.run({ kind: 'resumeInstance', instanceId, requestId: 'r' });
    expect(events[0]).toMatchObject({ kind: 'instance.resumed', requestId: 'r' });
    expect(path(events)).toContain('element.entered two');
    expect(all.lastJob().variables).toEqual({ done: true });
    all.completeJob();
    expect(all.rowsWith('')).toEqual([]);
  });

  it('H2: counts a record of the bus once, whether it comes again before or after it is resumed', () => {
    const { all, instanceId } = suspended();
    const { jobKey } = all.lastJob();
    const source = { topic: 'replies', partition: 0, offset: 7 };
    const reply = { kind: 'completeJob', instanceId, jobKey, variables: {}, source } as const;
    expect(all.run(reply)).toHaveLength(1);
    expect(all.run(reply)).toEqual([]);
    all.run({ kind: 'resumeInstance', instanceId });
    expect(all.run(reply)).toEqual([]);
    expect(all.jobs()).toHaveLength(2);
  });

  it('H2: holds a timer that comes due, which fires as soon as it is resumed', () => {
    const timed = model('timed', { start, wait: catching(timerTrigger('duration', 'PT1H')), end }, [
      'start -> wait -> end',
    ]);
    const { all, instanceId } = suspended(timed);
    expect(all.pass(2 * 3_600_000).map(({ kind }) => kind)).toEqual(['input.held']);
    all.run({ kind: 'resumeInstance', instanceId });
    all.pass(0);
    expect(all.all('instance.completed')).toHaveLength(1);
    expect(all.rowsWith('')).toEqual([]);
  });

  it('forgets a held timer whose element another event has ended first', () => {
    const raced = model(
      'raced',
      { start, work: job('w'), late: boundary('work', timerTrigger('duration', 'PT1H')), end, gone: end },
      ['start -> work -> end', 'late -> gone'],
    );
    const { all, instanceId } = suspended(raced);
    all.completeJob();
    all.pass(3_600_000);
    all.run({ kind: 'resumeInstance', instanceId });
    all.pass(0);
    expect(path(all.events)).not.toContain('element.entered late');
    expect(all.rowsWith('')).toEqual([]);
  });

  it('H2: holds a message of another partition and a signal', () => {
    const choice = model(
      'choice',
      {
        start,
        first: firstEvent,
        paid: catching(messageTrigger('paid', '=order')),
        stop: catching(signalTrigger('stop')),
        end,
      },
      ['start -> first', 'first -> paid -> end', 'first -> stop -> end'],
    );
    const { all, instanceId } = suspended(choice, { order: 'o1' }, 3);
    all.run({ kind: 'broadcastSignal', name: 'stop', variables: { by: 'signal' }, requestId: 'b' });
    expect(all.last('signal.settled')).toMatchObject({ count: 1, requestId: 'b' });
    all.run({ kind: 'publishMessage', name: 'paid', correlationKey: 'o1', ttlMs: 60_000, variables: {} });
    expect(all.all('input.held')).toHaveLength(2);
    all.run({ kind: 'resumeInstance', instanceId });
    expect(path(all.events)).toContain('element.completed stop');
    // The signal came first; the message is still there for somebody else.
    expect(all.last('message.refused')).toMatchObject({ name: 'paid' });
    all.pass(60_000);
    expect(all.rowsWith('')).toEqual([]);
  });

  const paidOnce = model('paid-once', { start, wait: catching(messageTrigger('paid', '=order')), end }, [
    'start -> wait -> end',
  ]);
  const publish = {
    kind: 'publishMessage',
    name: 'paid',
    correlationKey: 'o1',
    ttlMs: 0,
    variables: {},
    requestId: 'r',
  } as const;

  it('M2: tells the publisher at once that a suspended instance holds his message, and takes it when it goes on', () => {
    const { all, instanceId } = suspended(paidOnce, { order: 'o1' }, 3);
    all.run(publish);
    expect(all.last('message.deferred')).toMatchObject({
      requestId: 'r',
      reached: [],
      held: [{ processId: 'paid-once', instanceId, elementId: 'wait' }],
    });
    expect(all.all('message.settled')).toEqual([]);
    all.run({ kind: 'resumeInstance', instanceId });
    all.pass(0);
    expect(all.last('message.settled')).toMatchObject({ outcome: 'correlated', reached: [{ instanceId }] });
    expect(all.last('message.settled')).not.toHaveProperty('requestId');
    expect(all.all('instance.completed')).toHaveLength(1);
    expect(all.rowsWith('')).toEqual([]);
  });

  it('M2: says once that it is held, however often the instance is suspended again', () => {
    const { all, instanceId } = suspended(paidOnce, { order: 'o1' }, 3);
    all.run(publish);
    all.send({ kind: 'resumeInstance', instanceId });
    all.send({ kind: 'suspendInstance', instanceId });
    all.pass(0);
    all.run({ kind: 'cancelInstance', instanceId });
    expect(all.all('message.deferred')).toHaveLength(1);
    expect(all.last('message.settled')).toMatchObject({ outcome: 'expired', reached: [] });
    expect(all.rowsWith('')).toEqual([]);
  });

  it('H3: gives a held message back when it is cancelled', () => {
    const waiting = model('waiting', { start, wait: catching(messageTrigger('paid', '=order')), end }, [
      'start -> wait -> end',
    ]);
    const { all, instanceId } = suspended(waiting, { order: 'o1' }, 3);
    all.run({ kind: 'publishMessage', name: 'paid', correlationKey: 'o1', ttlMs: 60_000, variables: {} });
    all.run({ kind: 'cancelInstance', instanceId });
    all.start('waiting', { order: 'o1' });
    expect(all.all('instance.completed')).toHaveLength(1);
    all.pass(60_000);
    expect(all.rowsWith('')).toEqual([]);
  });

  it('H1: refuses what a person could do later', () => {
    const { all, instanceId } = suspended(
      model('review', { start, review: userTask(), end }, ['start -> review -> end']),
    );
    const taskKey = all.last('task.created').elementKey;
    for (const ask of [
      { kind: 'completeTask', taskKey, variables: {} },
      { kind: 'claimTask', taskKey, assignee: 'ann' },
      { kind: 'executeAction', instanceId, elementKey: taskKey, action: 'complete', variables: {} },
      { kind: 'suspendInstance', instanceId },
    ] as const) {
      expect(all.run(ask)).toMatchObject([{ kind: 'command.rejected', reason: 'INVALID_STATE' }]);
    }
    all.run({ kind: 'updateVariables', instanceId, variables: { mended: true } });
    expect(all.last('variables.changed').values).toEqual({ mended: true });
    all.run({ kind: 'resumeInstance', instanceId });
    expect(all.run({ kind: 'resumeInstance', instanceId })).toMatchObject([{ reason: 'INVALID_STATE' }]);
    all.run({ kind: 'completeTask', taskKey, variables: {} });
    expect(all.rowsWith('')).toEqual([]);
  });

  it('refuses more inputs than it may hold, tells the publisher of a message, and lets go of many in slices', () => {
    const take = receive({ kind: 'reply', topic: 'engine.receive.x', keyName: 'x' });
    const paid = boundary('take', messageTrigger('paid', '=order'), false);
    const inbox = model('inbox', { start, take, paid, end, noted: end }, ['start -> take -> end', 'paid -> noted']);
    const { all, instanceId } = suspended(inbox, { order: 'o1' });
    const reply = { kind: 'receiveReply', instanceId, topic: 'engine.receive.x', value: 1 } as const;
    for (let sent = 0; sent < HELD_INPUTS_MAX; sent += 1) all.send(reply);
    while (all.stepOnce());
    expect(all.run(reply)).toMatchObject([{ kind: 'command.rejected', reason: 'LIMIT_REACHED' }]);
    all.run(publish);
    expect(all.last('message.refused')).toMatchObject({ instanceId, reason: 'unfit' });
    expect(all.last('message.settled')).toMatchObject({ outcome: 'expired', requestId: 'r' });
    all.run({ kind: 'resumeInstance', instanceId });
    expect(all.all('instance.completed')).toHaveLength(1);
    expect(all.rowsWith('')).toEqual([]);
  });

  describe('that has called another', () => {
    const inner = model('inner', { start, work: job('w'), end }, ['start -> work -> end']);
    const middle = model('middle', { start, ask: call('inner'), end }, ['start -> ask -> end']);
    const outer = model('outer', { start, ask: call('middle'), end }, ['start -> ask -> end']);

    it('H4: makes all that it has called stand still, and go on with it', () => {
      const all = new Cluster().install(inner).install(middle).install(outer);
      const instanceId = all.start('outer');
      all.run({ kind: 'suspendInstance', instanceId });
      expect(all.all('instance.suspended')).toHaveLength(3);
      expect(all.completeJob().map(({ kind }) => kind)).toEqual(['input.held']);
      all.run({ kind: 'resumeInstance', instanceId });
      expect(all.all('instance.completed')).toHaveLength(3);
      expect(all.rowsWith('')).toEqual([]);
    });

    it('H4: leaves one suspended that somebody has suspended on its own', () => {
      const all = new Cluster().install(inner).install(middle).install(outer);
      const instanceId = all.start('outer');
      const called = all.lastJob().instanceId;
      all.run({ kind: 'suspendInstance', instanceId: called });
      all.run({ kind: 'suspendInstance', instanceId });
      all.run({ kind: 'resumeInstance', instanceId });
      expect(all.completeJob().map(({ kind }) => kind)).toEqual(['input.held']);
      all.run({ kind: 'resumeInstance', instanceId: called });
      expect(all.all('instance.completed')).toHaveLength(3);
      expect(all.rowsWith('')).toEqual([]);
    });
  });
});
