import { describe, expect, it, vi } from 'vitest';
import type { ExecutableProcess } from '@millrace/bpmn';
import type * as Limits from '../src/limits.ts';
import { Cluster } from './support/cluster.ts';
import {
  boundary,
  call,
  catching,
  compensate,
  conditionTrigger,
  end,
  endWithEscalation,
  endWithMessage,
  escalate,
  escalationTrigger,
  eventSubProcess,
  exclusive,
  inclusive,
  inside,
  messageTrigger,
  model,
  parallel,
  pass,
  script,
  signalTrigger,
  start,
  startBy,
  startOn,
  terminate,
  throwing,
  undoing,
  undoneBy,
} from './support/model.ts';

// A step is cut after a few elements: at one or other length of the ring, at each place where it can be.
vi.mock('../src/limits.ts', async (original) => ({
  ...(await original<typeof Limits>()),
  HOPS_PER_STEP_MAX: 7,
  HOPS_WITHOUT_WAIT_MAX: 300,
  TERMINATIONS_PER_STEP_MAX: 1,
  TOKENS_MAX: 20,
}));

const LENGTHS = Array.from({ length: 14 }, (_, length) => length);

/** `count` elements in a row between two others. */
function row(count: number, from: string, to: string): { elements: Record<string, typeof pass>; flow: string } {
  const names = Array.from({ length: count }, (_, at) => `t${at}`);
  return {
    elements: Object.fromEntries(names.map((name) => [name, pass])),
    flow: [from, ...names, to].join(' -> '),
  };
}

const quick = model(
  'child',
  { start, fork: parallel, a: pass, b: pass, done: terminate, never: catching(signalTrigger('never')) },
  ['start -> fork -> a -> done', 'fork -> b -> never'],
);

const throwMessage = { ...endWithMessage('go', '="k"'), kind: 'intermediateThrowEvent' } as typeof end;

const rings: Record<string, (length: number) => ExecutableProcess> = {
  'a fork and a parallel join': (length) => {
    const { elements, flow } = row(length, 'fork', 'join');
    return model('p', { start, merge: exclusive, fork: parallel, join: parallel, ...elements }, [
      'start -> merge -> fork',
      flow,
      'fork -> join -> merge',
    ]);
  },
  'a fork and an inclusive join': (length) => {
    const { elements, flow } = row(length, 'fork', 'join');
    return model('p', { start, merge: exclusive, fork: inclusive, join: inclusive, ...elements }, [
      'start -> merge -> fork',
      flow,
      'fork -> join -> merge',
    ]);
  },
  'a call that is over at once, with more in it to be closed': (length) => {
    const { elements, flow } = row(length, 'ask', 'merge');
    return model('p', { start, merge: exclusive, ask: call('child'), ...elements }, ['start -> merge -> ask', flow]);
  },
  'a condition that its own change fulfils': (length) => {
    const { elements, flow } = row(length, 'met', 'one');
    const waits = { ...catching(signalTrigger('never')), kind: 'receiveTask' } as typeof end;
    const elementsOf = {
      start,
      waits,
      met: boundary('waits', conditionTrigger('modulo(n, 2) = 0'), false),
      one: script('n + 1', 'n'),
      two: script('n + 1', 'n'),
    };
    return model('p', { ...elementsOf, ...elements }, ['start -> waits', flow, 'one -> two']);
  },
  'a compensation': (length) => {
    const { elements, flow } = row(length, 'undo', 'merge');
    return model(
      'p',
      {
        start,
        merge: exclusive,
        work: pass,
        undone: undoneBy('work', 'handler'),
        handler: undoing(pass),
        undo: compensate(),
        ...elements,
      },
      ['start -> merge -> work -> undo', flow],
    );
  },
  'a message to itself': (length) => {
    const { elements, flow } = row(length, 'hear', 'merge');
    const hear = catching(messageTrigger('go', '="k"'));
    return model('p', { start, merge: exclusive, fork: parallel, hear, say: throwMessage, ...elements }, [
      'start -> merge -> fork -> hear',
      flow,
      'fork -> say',
    ]);
  },
};

describe('a ring in which nothing waits', () => {
  it.for(Object.keys(rings).flatMap((ring) => LENGTHS.map((length) => [ring, length] as const)))(
    'is found, wherever a step of it is cut: %s, %s elements more',
    ([ring, length]) => {
      const process = rings[ring]?.(length);
      if (process === undefined) throw new Error(`expected a ring ${ring}`);
      const cluster = new Cluster().install(quick).install(process);
      const instanceId = cluster.start('p', { n: 0 });
      expect(cluster.all('incident.raised').map(({ reason }) => reason)).toContain('ENDLESS_LOOP');
      cluster.run({ kind: 'cancelInstance', instanceId });
      expect(cluster.rowsWith('')).toEqual([]);
    },
  );

  it.for([
    ['signal', startBy(signalTrigger('go')), throwing('go')],
    ['message', startBy({ kind: 'startMessage', name: 'go' }), throwMessage],
  ] as const)('is found when each instance starts the next by a %s', ([, on, say]) => {
    const process = model('p', { start, on, say, more: pass, end }, ['start -> say', 'on -> say -> more -> end']);
    const cluster = new Cluster(2);
    cluster.deploy(process);
    cluster.start('p');
    expect(new Set(cluster.all('incident.raised').map(({ reason }) => reason))).toEqual(new Set(['ENDLESS_LOOP']));
    expect(cluster.all('instance.started').length).toBeLessThan(300);
  });
});

describe('the incident of a ring', () => {
  const tell = (name: string): typeof pass => ({ ...endWithMessage(name, '="k"'), kind: 'intermediateThrowEvent' });

  it('names the messages and signals by which it goes round, in whatever processes', () => {
    const cluster = new Cluster(2);
    const on = (name: string): typeof pass => startBy({ kind: 'startMessage', name });
    cluster.deploy(model('p', { start, on: on('ping'), say: tell('pong') }, ['start -> say', 'on -> say']), 'd1');
    cluster.deploy(model('q', { on: on('pong'), cry: throwing('alarm') }, ['on -> cry']), 'd2');
    cluster.deploy(model('r', { on: startBy(signalTrigger('alarm')), say: tell('ping') }, ['on -> say']), 'd3');
    cluster.start('p');
    const { reason, message } = cluster.last('incident.raised');
    expect(reason).toBe('ENDLESS_LOOP');
    for (const name of ['the message "ping"', 'the message "pong"', 'the signal "alarm"'])
      expect(message).toContain(name);
  });

  it('names nothing when it is made of flows', () => {
    const cluster = new Cluster().install(model('p', { start, again: exclusive }, ['start -> again -> again']));
    cluster.start('p');
    expect(cluster.last('incident.raised').message).toMatch(/elements without$/);
  });
});

describe('tokens that double', () => {
  it('by event sub-processes that begin each other are found', () => {
    const process = model(
      'p',
      {
        start,
        begin: escalate('a'),
        end,
        first: eventSubProcess,
        second: eventSubProcess,
        ...inside('first', {
          onA: startOn(escalationTrigger('a'), false),
          b1: escalate('b'),
          b2: endWithEscalation('b'),
        }),
        ...inside('second', {
          onB: startOn(escalationTrigger('b'), false),
          a1: escalate('a'),
          a2: endWithEscalation('a'),
        }),
      },
      ['start -> begin -> end', 'onA -> b1 -> b2', 'onB -> a1 -> a2'],
    );
    const cluster = new Cluster().install(process);
    const instanceId = cluster.start('p');
    expect(cluster.all('incident.raised').map(({ reason }) => reason)).toContain('TOO_MANY_TOKENS');
    expect(cluster.events.length).toBeLessThan(2_000);
    cluster.run({ kind: 'cancelInstance', instanceId });
    expect(cluster.rowsWith('')).toEqual([]);
  });
});
