import { describe, expect, it } from 'vitest';
import type { ReplyTrigger } from '@millrace/bpmn';
import { Cluster } from './support/cluster.ts';
import {
  catching,
  end,
  expression,
  firstEvent,
  job,
  messageTrigger,
  model,
  receive,
  start,
  startBy,
  timerTrigger,
} from './support/model.ts';
import { path, story } from './support/story.ts';

const reply: ReplyTrigger = {
  kind: 'reply',
  topic: 'engine.receive.x',
  keyName: 'answer',
  timeout: expression('PT1H'),
};

describe('an event-based gateway', () => {
  const process = model(
    'p',
    {
      start,
      wait: firstEvent,
      paid: catching(messageTrigger('paid', '=key')),
      cancelled: receive(messageTrigger('cancelled', '=key')),
      answered: catching(reply),
      late: catching(timerTrigger('duration', 'PT10M')),
      a: job('a'),
      b: job('b'),
      c: job('c'),
      d: job('d'),
    },
    ['start -> wait', 'wait -> paid -> a', 'wait -> cancelled -> b', 'wait -> answered -> c', 'wait -> late -> d'],
  );

  function waiting(): { cluster: Cluster; id: string } {
    const cluster = new Cluster(2).install(process);
    return { cluster, id: cluster.start('p', { key: 'k' }) };
  }

  const message = (name: string) =>
    ({ kind: 'publishMessage', name, correlationKey: 'k', ttlMs: 0, variables: { said: name } }) as const;

  it.for([
    ['a message', 'paid', 'a', (cluster: Cluster) => cluster.run(message('paid'))],
    ['a message for a receive task', 'cancelled', 'b', (cluster: Cluster) => cluster.run(message('cancelled'))],
    ['a timer', 'late', 'd', (cluster: Cluster) => cluster.pass(600_000)],
    [
      'a record on a topic',
      'answered',
      'c',
      (cluster: Cluster, instanceId: string) =>
        cluster.run({ kind: 'receiveReply', instanceId, topic: 'engine.receive.x', value: 7 }),
    ],
  ] as const)('goes the way of the first event: %s', ([, event, type, happen]) => {
    const { cluster, id } = waiting();
    const happened = happen(cluster, id);
    expect(path(happened)).toEqual([
      'element.completed wait',
      `element.entered ${event}`,
      `element.completed ${event}`,
      `element.entered ${type}`,
    ]);
    cluster.completeJob();
    expect(cluster.all('instance.completed')).toHaveLength(1);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('takes the variables of the event to the process', () => {
    const { cluster } = waiting();
    cluster.run(message('paid'));
    expect(cluster.lastJob().variables).toEqual({ key: 'k', said: 'paid' });
  });

  it('takes one of two events that come at once, and refuses the other', () => {
    const { cluster, id } = waiting();
    cluster.send(message('paid'));
    cluster.send(message('cancelled'));
    cluster.settle();
    expect(
      cluster
        .all('message.settled')
        .map(({ outcome }) => outcome)
        .toSorted(),
    ).toEqual(['correlated', 'expired']);
    expect(cluster.jobs()).toHaveLength(1);
    cluster.completeJob();
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('opens nothing while one of its events cannot be evaluated', () => {
    const cluster = new Cluster().install(process);
    const id = cluster.start('p');
    expect(cluster.last('incident.raised')).toMatchObject({ elementId: 'wait', reason: 'CORRELATION_KEY_INVALID' });
    expect(cluster.all('wait.opened')).toEqual([]);
    cluster.run({ kind: 'updateVariables', instanceId: id, variables: { key: 'k' } });
    cluster.run({ kind: 'resolveIncident', incidentKey: cluster.last('incident.raised').incidentKey });
    cluster.run(message('paid'));
    expect(cluster.lastJob().type).toBe('a');
  });

  it('says when a reply is late, waits for the other events meanwhile, and waits again when told to', () => {
    const withoutTimer = model(
      'p',
      { start, wait: firstEvent, answered: catching(reply), paid: catching(messageTrigger('paid', '=key')), end },
      ['start -> wait', 'wait -> answered -> end', 'wait -> paid -> end'],
    );
    const cluster = new Cluster().install(withoutTimer);
    const id = cluster.start('p', { key: 'k' });
    cluster.pass(3_600_000);
    expect(cluster.last('incident.raised')).toMatchObject({ elementId: 'wait', reason: 'REPLY_NOT_RECEIVED' });
    cluster.run({ kind: 'resolveIncident', incidentKey: cluster.last('incident.raised').incidentKey });
    cluster.pass(3_600_000);
    expect(cluster.all('incident.raised')).toHaveLength(2);
    cluster.run(message('paid'));
    expect(cluster.all('instance.completed')).toHaveLength(1);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('closes everything when the instance is cancelled', () => {
    const { cluster, id } = waiting();
    cluster.run({ kind: 'cancelInstance', instanceId: id });
    expect(cluster.rowsWith(id)).toEqual([]);
  });
});

describe('an event-based gateway that starts the process', () => {
  const ordered = (instantiate: 'exclusive' | 'parallel') =>
    model(
      'p',
      {
        first: { kind: 'eventBasedGateway', instantiate } as typeof start,
        order: catching(messageTrigger('order', '=key')),
        payment: catching(messageTrigger('payment', '=key')),
        pack: job('pack'),
        book: job('book'),
      },
      ['first -> order -> pack', 'first -> payment -> book'],
    );

  const publish = (cluster: Cluster, name: string) =>
    cluster.run({ kind: 'publishMessage', name, correlationKey: 'k', ttlMs: 0, variables: { key: 'k', [name]: true } });

  it.for([
    ['order', 'pack'],
    ['payment', 'book'],
  ] as const)('by %s alone when it is exclusive', ([name, type]) => {
    const cluster = new Cluster(2);
    cluster.deploy(ordered('exclusive'));
    publish(cluster, name);
    expect(cluster.lastJob()).toMatchObject({ type, variables: { key: 'k', [name]: true } });
    cluster.completeJob();
    const { instanceId } = cluster.last('instance.completed');
    expect(cluster.rowsWith(instanceId)).toEqual([]);
  });

  it.for([[['order', 'payment']], [['payment', 'order']]] as const)(
    'by the first of %s when it is parallel, and awaits the rest',
    ([names]) => {
      const cluster = new Cluster(2);
      cluster.deploy(ordered('parallel'));
      publish(cluster, names[0]);
      expect(cluster.jobs()).toHaveLength(1);
      publish(cluster, names[1]);
      expect(cluster.all('instance.started')).toHaveLength(1);
      for (const offered of cluster.jobs()) cluster.completeJob({}, offered);
      const { instanceId } = cluster.last('instance.completed');
      expect(
        cluster
          .jobs()
          .map(({ type }) => type)
          .toSorted(),
      ).toEqual(['book', 'pack']);
      expect(cluster.rowsWith(instanceId)).toEqual([]);
    },
  );
});

describe('a receive task that starts the process', () => {
  it('does so with its message, and does not wait for another', () => {
    const process = model(
      'p',
      { take: receive(messageTrigger('order', '=key'), { instantiate: true } as object), pack: job('pack') },
      ['take -> pack'],
    );
    const cluster = new Cluster(2);
    cluster.deploy(process);
    cluster.run({ kind: 'publishMessage', name: 'order', correlationKey: 'k', ttlMs: 0, variables: { n: 1 } });
    expect(path(cluster.events)).toEqual(['element.entered take', 'element.completed take', 'element.entered pack']);
    cluster.completeJob();
    expect(cluster.rowsWith(cluster.last('instance.completed').instanceId)).toEqual([]);
  });
});

describe('link events', () => {
  it('lead from where they are thrown to where they are caught', () => {
    const link = (id: string) =>
      ({ kind: 'intermediateThrowEvent', action: { kind: 'link', name: id } }) as typeof start;
    const process = model('p', { start, away: link('L'), there: catching({ kind: 'link', name: 'L' } as never), end }, [
      'start -> away',
      'away -> there',
      'there -> end',
    ]);
    const cluster = new Cluster().install(process);
    cluster.start('p');
    expect(path(cluster.events)).toEqual([
      'element.entered start',
      'element.completed start',
      'element.entered away',
      'element.completed away',
      'element.entered there',
      'element.completed there',
      'element.entered end',
      'element.completed end',
      'instance.completed',
    ]);
  });
});

describe('a message start event beside an instantiating gateway', () => {
  it('starts the same process at its own element', () => {
    const process = model(
      'p',
      {
        begin: startBy({ kind: 'startMessage', name: 'begin' }),
        first: { kind: 'eventBasedGateway', instantiate: 'exclusive' } as typeof start,
        order: catching(messageTrigger('order', '=key')),
        payment: catching(messageTrigger('payment', '=key')),
        end,
      },
      ['begin -> end', 'first -> order -> end', 'first -> payment -> end'],
    );
    const cluster = new Cluster();
    cluster.deploy(process);
    const happened = cluster.run({
      kind: 'publishMessage',
      name: 'begin',
      correlationKey: '',
      ttlMs: 0,
      variables: {},
    });
    expect(story(happened)).toContain('element.entered begin');
    expect(story(happened)).not.toContain('element.entered first');
  });
});
