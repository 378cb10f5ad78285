import { describe, expect, it } from 'vitest';
import { type InstanceId, partitionOfCorrelationKey, partitionOfInstance } from '@millrace/records';
import { MESSAGE_TTL_MS_MAX, VARIABLES_BYTES_MAX } from '../src/index.ts';
import { Cluster } from './support/cluster.ts';
import { boundary, catching, end, job, map, messageTrigger, model, receive, start, startBy } from './support/model.ts';
import { story } from './support/story.ts';

const waiting = model('order', { start, wait: catching(messageTrigger('paid', '=order')), end }, [
  'start -> wait -> end',
]);

function cluster(): Cluster {
  return new Cluster(3).install(waiting);
}

const paid = (correlationKey: string, more = {}) =>
  ({ kind: 'publishMessage', name: 'paid', correlationKey, ttlMs: 0, variables: { amount: 5 }, ...more }) as const;

describe('a message', () => {
  it('reaches the instance that waits for it, on another partition, and the publisher hears whom', () => {
    const all = cluster();
    const id = all.start('order', { order: 'o4' });
    expect(partitionOfInstance(id)).not.toBe(partitionOfCorrelationKey('o4', 3));
    all.run(paid('o4', { requestId: 'r1' }));
    expect(all.last('message.settled')).toMatchObject({
      requestId: 'r1',
      outcome: 'correlated',
      reached: [{ processId: 'order', instanceId: id, elementId: 'wait' }],
    });
    expect(all.last('variables.changed')).toMatchObject({ instanceId: id, values: { amount: 5 } });
    expect(all.all('instance.completed')).toHaveLength(1);
    expect(all.rowsWith('')).toEqual([]);
  });

  it('expires at once without anybody to take it and without a time to live', () => {
    const all = cluster();
    all.run(paid('o1', { requestId: 'r1' }));
    expect(all.last('message.settled')).toMatchObject({ outcome: 'expired', reached: [], requestId: 'r1' });
    all.start('order', { order: 'o1' });
    expect(all.all('instance.completed')).toEqual([]);
  });

  it('waits as long as it lives for somebody who subscribes later', () => {
    const all = cluster();
    all.run(paid('o1', { ttlMs: 60_000 }));
    expect(all.last('message.settled').outcome).toBe('buffered');
    all.pass(59_000);
    all.start('order', { order: 'o1' });
    expect(all.all('instance.completed')).toHaveLength(1);
    all.pass(1000);
    expect(all.rowsWith('')).toEqual([]);
  });

  it('is gone when its time is over', () => {
    const all = cluster();
    all.run(paid('o1', { ttlMs: 60_000 }));
    expect(story(all.pass(60_000))).toEqual(['timer.fired messageExpiry', 'message.expired']);
    const id = all.start('order', { order: 'o1' });
    expect(all.all('instance.completed')).toEqual([]);
    all.run({ kind: 'cancelInstance', instanceId: id });
    expect(all.rowsWith('')).toEqual([]);
  });

  it('goes to one instance of a process and no second one, however long it lives', () => {
    const all = cluster();
    all.start('order', { order: 'o1' });
    all.start('order', { order: 'o1' });
    all.run(paid('o1', { ttlMs: 60_000 }));
    all.start('order', { order: 'o1' });
    expect(all.all('instance.completed')).toHaveLength(1);
    all.run(paid('o1'));
    all.run(paid('o1'));
    expect(all.all('instance.completed')).toHaveLength(3);
  });

  it('goes to one instance of each process that waits', () => {
    const all = cluster().install({ ...waiting, id: 'ledger' });
    all.start('order', { order: 'o1' });
    all.start('ledger', { order: 'o1' });
    all.run(paid('o1'));
    expect(all.all('instance.completed')).toHaveLength(2);
    expect(
      all
        .last('message.settled')
        .reached.map(({ processId }) => processId)
        .sort(),
    ).toEqual(['ledger', 'order']);
  });

  it('is taken in the order of publishing', () => {
    const all = cluster();
    for (const amount of [1, 2, 3]) all.run(paid('o1', { ttlMs: 60_000, variables: { amount } }));
    for (const _ of [1, 2, 3]) all.start('order', { order: 'o1' });
    expect(all.all('wait.correlated').map(({ variables }) => variables['amount'])).toEqual([1, 2, 3]);
  });

  it('with an id is refused while one of the same id lives', () => {
    const all = cluster();
    all.run(paid('o1', { messageId: 'm', ttlMs: 1000 }));
    expect(story(all.run(paid('o1', { messageId: 'm' })))).toEqual(['command.rejected publishMessage ALREADY_EXISTS']);
    all.run(paid('o2', { messageId: 'm', ttlMs: 1000 }));
    all.pass(1000);
    all.run(paid('o1', { messageId: 'm' }));
    expect(all.all('command.rejected')).toHaveLength(1);
    expect(all.rowsWith('')).toEqual([]);
  });

  it.for([
    ['without a name', { name: '' }, 'INVALID_ARGUMENT'],
    ['with too long a name', { name: 'n'.repeat(201) }, 'INVALID_ARGUMENT'],
    ['with too long a key', { correlationKey: 'k'.repeat(201) }, 'INVALID_ARGUMENT'],
    ['with an empty id', { messageId: '' }, 'INVALID_ARGUMENT'],
    ['with a negative time to live', { ttlMs: -1 }, 'INVALID_ARGUMENT'],
    ['with too long a time to live', { ttlMs: MESSAGE_TTL_MS_MAX + 1 }, 'INVALID_ARGUMENT'],
    ['with too many variables', { variables: { big: 'x'.repeat(VARIABLES_BYTES_MAX) } }, 'TOO_LARGE'],
  ] as const)('%s is refused', ([, more, reason]) => {
    const all = cluster();
    all.run(paid('o1', more));
    expect(all.last('command.rejected').reason).toBe(reason);
  });

  it('that does not fit is an incident, and the wait goes on for a better one', () => {
    const all = cluster();
    const id = all.start('order', { order: 'o1', mine: 'x'.repeat(400_000) });
    all.run(paid('o1', { variables: { big: 'x'.repeat(500_000) } }));
    expect(all.last('incident.raised')).toMatchObject({ instanceId: id, reason: 'VARIABLES_TOO_LARGE' });
    expect(all.last('message.settled').outcome).toBe('expired');
    all.run(paid('o1'));
    expect(all.all('instance.completed')).toHaveLength(1);
    expect(all.rowsWith('')).toEqual([]);
  });
});

describe('a wait that could not take one message', () => {
  it('is offered those that came meanwhile', () => {
    const all = cluster();
    const id = all.start('order', { order: 'o1', mine: 'x'.repeat(400_000) });
    all.send(paid('o1', { ttlMs: 60_000, variables: { big: 'x'.repeat(500_000) } }));
    all.send(paid('o1', { ttlMs: 60_000, variables: { small: true } }));
    all.settle();
    expect(all.last('wait.correlated')).toMatchObject({ instanceId: id, variables: { small: true } });
    expect(all.all('instance.completed')).toHaveLength(1);
  });
});

describe('a message for an instance that ends meanwhile', () => {
  /** The offer is on its way to the instance, whose cancelling lies before it in the queue. */
  function overtaken(more = {}): { all: Cluster; other: InstanceId } {
    const all = cluster();
    const first = all.start('order', { order: 'o1' });
    const other = all.start('order', { order: 'o1' });
    const [taker] = all.subscribers();
    const owner = partitionOfInstance(taker as InstanceId);
    all.send(paid('o1', more));
    all.stepPartition(partitionOfCorrelationKey('o1', 3));
    const offer = all.takeQueued(owner);
    all.send({ kind: 'cancelInstance', instanceId: taker as InstanceId });
    all.stepPartition(owner);
    all.putQueued(owner, offer);
    return { all, other: taker === first ? other : first };
  }

  it('goes to the next one that waits', () => {
    const { all, other } = overtaken();
    all.settle();
    expect(all.all('message.refused')).toHaveLength(1);
    expect(all.last('instance.completed').instanceId).toBe(other);
    expect(all.last('message.settled')).toMatchObject({ outcome: 'correlated', reached: [{ instanceId: other }] });
    expect(all.rowsWith('')).toEqual([]);
  });

  it('is buffered as long as it lives when nobody else waits', () => {
    const { all, other } = overtaken({ ttlMs: 60_000 });
    all.send({ kind: 'cancelInstance', instanceId: other });
    all.settle();
    all.start('order', { order: 'o1' });
    expect(all.all('instance.completed')).toHaveLength(1);
  });
});

describe('a boundary event by message', () => {
  const elements = (interrupting: boolean) => ({
    start,
    work: job('work'),
    nudge: boundary('work', messageTrigger('nudge', '=order'), interrupting, { outputs: [map('=text', 'said')] }),
    tell: job('tell'),
    end,
  });
  const flows = ['start -> work -> end', 'nudge -> tell'];
  const nudge = (text: string) =>
    ({ kind: 'publishMessage', name: 'nudge', correlationKey: 'o1', ttlMs: 0, variables: { text } }) as const;

  it('interrupts the activity', () => {
    const all = new Cluster(2).install(model('p', elements(true), flows));
    const id = all.start('p', { order: 'o1' });
    all.run(nudge('hey'));
    expect(all.all('job.cancelled')).toHaveLength(1);
    expect(all.lastJob()).toMatchObject({ type: 'tell', variables: { order: 'o1', said: 'hey' } });
    all.completeJob();
    expect(all.rowsWith(id)).toEqual([]);
  });

  it('takes any number of messages when it does not interrupt', () => {
    const all = new Cluster(2).install(model('p', elements(false), flows));
    const id = all.start('p', { order: 'o1' });
    for (const text of ['a', 'b', 'c']) all.send(nudge(text));
    all.settle();
    expect(all.jobs().filter(({ type }) => type === 'tell')).toHaveLength(3);
    for (const offered of all.jobs()) all.completeJob({}, offered);
    expect(all.rowsWith(id)).toEqual([]);
  });

  it('is closed when the activity completes', () => {
    const all = new Cluster(2).install(model('p', elements(true), flows));
    const id = all.start('p', { order: 'o1' });
    expect(story(all.completeJob())).toContain('subscription.closed');
    expect(all.rowsWith(id)).toEqual([]);
  });
});

describe('a receive task by message', () => {
  it('waits like a catch event, in a loop for one message after the other', () => {
    const process = model('p', { start, wait: receive(messageTrigger('=kind', '=order')) }, ['start -> wait -> wait']);
    const all = new Cluster(2).install(process);
    const id = all.start('p', { order: 7, kind: 'paid' });
    for (let round = 0; round < 3; round += 1) all.run(paid('7'));
    expect(all.all('wait.correlated')).toHaveLength(3);
    all.run({ kind: 'cancelInstance', instanceId: id });
    expect(all.rowsWith(id)).toEqual([]);
  });
});

describe('start events by message', () => {
  const process = model('claim', { reported: startBy({ kind: 'startMessage', name: 'paid' }), work: job('work') }, [
    'reported -> work',
  ]);

  function deployed(): Cluster {
    const all = new Cluster(3);
    all.deploy(process);
    return all;
  }

  it('start an instance with the variables of the message, and the publisher hears which', () => {
    const all = deployed();
    all.run(paid('c1', { requestId: 'r' }));
    const { instanceId } = all.last('instance.started');
    expect(all.lastJob().variables).toEqual({ amount: 5 });
    expect(all.last('message.settled')).toMatchObject({
      requestId: 'r',
      outcome: 'correlated',
      reached: [{ processId: 'claim', instanceId, elementId: 'reported' }],
    });
  });

  it('start one instance at a time for a correlation key; the next message waits for its end', () => {
    const all = deployed();
    all.run(paid('c1'));
    all.run(paid('c1', { ttlMs: 60_000, variables: { amount: 6 } }));
    all.run(paid('c1', { ttlMs: 60_000, variables: { amount: 7 } }));
    all.run(paid('c2'));
    expect(all.all('instance.started')).toHaveLength(2);
    const [first] = all.jobs();
    all.completeJob({}, first);
    expect(all.lastJob().variables).toEqual({ amount: 6 });
    all.completeJob();
    expect(all.lastJob().variables).toEqual({ amount: 7 });
  });

  it('start any number of instances for messages without a key', () => {
    const all = deployed();
    for (const _ of [1, 2, 3]) all.run(paid(''));
    expect(all.all('instance.started')).toHaveLength(3);
  });

  it('follow the latest version alone', () => {
    const all = deployed();
    all.deploy({ ...process, name: 'second' }, 'd2');
    all.run(paid('c1'));
    expect(all.all('instance.started').map(({ definitionVersion }) => definitionVersion)).toEqual([2]);
    all.deploy(model('claim', { start, end }, ['start -> end']), 'd3');
    all.run(paid('c2'));
    expect(all.last('message.settled').outcome).toBe('expired');
  });

  it('leave nothing behind, the lock included', () => {
    const all = deployed();
    all.run(paid('c1'));
    const { instanceId } = all.last('instance.started');
    all.completeJob();
    expect(all.rowsWith(instanceId)).toEqual([]);
  });
});
