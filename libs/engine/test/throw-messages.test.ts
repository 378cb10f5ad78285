import { describe, expect, it } from 'vitest';
import { Cluster } from './support/cluster.ts';
import { catching, end, expression, job, map, messageTrigger, model, start, startBy } from './support/model.ts';

const throwing = (kind: string, message: Readonly<Record<string, string>>, more: object = {}) =>
  ({
    kind,
    action: {
      kind: 'message',
      ...Object.fromEntries(Object.entries(message).map(([name, text]) => [name, expression(text)])),
    },
    ...more,
  }) as typeof start;

const waiting = model('waiting', { start, wait: catching(messageTrigger('paid', '=order')), work: job('work') }, [
  'start -> wait -> work',
]);

const sender = (send: typeof start) => model('sender', { start, send, end }, ['start -> send', 'send -> end']);

describe('a message that an element throws', () => {
  it.for(['sendTask', 'intermediateThrowEvent', 'endEvent'] as const)(
    'by a %s reaches whoever waits for it',
    (kind) => {
      const send = throwing(kind, { name: 'paid', correlationKey: '=order' }, { inputs: [map('=sum', 'amount')] });
      const process = kind === 'endEvent' ? model('sender', { start, send }, ['start -> send']) : sender(send);
      const cluster = new Cluster(3).install(waiting).install(process);
      cluster.start('waiting', { order: 'o-1' });
      const id = cluster.start('sender', { order: 'o-1', sum: 7 });
      expect(cluster.last('message.thrown')).toMatchObject({ elementId: 'send', name: 'paid', correlationKey: 'o-1' });
      expect(cluster.lastJob()).toMatchObject({ type: 'work', variables: { order: 'o-1', amount: 7 } });
      expect(cluster.rowsWith(id)).toEqual([]);
    },
  );

  it('carries all that the element sees when it maps nothing, and waits as long as it is said to', () => {
    const send = throwing('sendTask', { name: '="pa" + "id"', correlationKey: '=order', timeToLive: 'PT1H' });
    const cluster = new Cluster(2).install(waiting).install(sender(send));
    cluster.start('sender', { order: 42, sum: 7 });
    cluster.start('waiting', { order: 42 });
    expect(cluster.lastJob().variables).toEqual({ order: 42, sum: 7 });
  });

  it('is gone when nobody waits', () => {
    const send = throwing('sendTask', { name: 'paid', correlationKey: 'o' });
    const cluster = new Cluster().install(waiting).install(sender(send));
    cluster.start('sender');
    expect(cluster.last('message.settled').outcome).toBe('expired');
    cluster.start('waiting', { order: 'o' });
    expect(cluster.jobs()).toEqual([]);
  });

  it('without a key starts a process', () => {
    const begins = model('begins', { m: startBy({ kind: 'startMessage', name: 'paid' }), work: job('work') }, [
      'm -> work',
    ]);
    const cluster = new Cluster(2).install(sender(throwing('sendTask', { name: 'paid' })));
    cluster.deploy(begins);
    cluster.start('sender', { n: 1 });
    expect(cluster.lastJob()).toMatchObject({ type: 'work', variables: { n: 1 } });
  });

  it.for([
    [{ name: '=7', correlationKey: 'k' }, 'EXPRESSION_FAILED'],
    [{ name: 'paid', correlationKey: '=missing' }, 'CORRELATION_KEY_INVALID'],
    [{ name: 'paid', correlationKey: '=long' }, 'EXPRESSION_FAILED'],
    [{ name: 'paid', timeToLive: '=7' }, 'TIMER_INVALID'],
    [{ name: 'paid', timeToLive: 'P1Y' }, 'TIMER_INVALID'],
  ] as const)('as %s is an incident', ([message, reason]) => {
    const cluster = new Cluster().install(sender(throwing('sendTask', message)));
    cluster.start('sender', { long: 'x'.repeat(201) });
    expect(cluster.last('incident.raised')).toMatchObject({ elementId: 'send', reason });
    expect(cluster.all('message.thrown')).toEqual([]);
  });
});
