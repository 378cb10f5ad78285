import { describe, expect, it } from 'vitest';
import { Cluster } from './support/cluster.ts';
import {
  boundary,
  end,
  endWithEscalation,
  escalate,
  escalationTrigger,
  eventSubProcess,
  inside,
  job,
  model,
  start,
  startOn,
  subProcess,
} from './support/model.ts';
import { path } from './support/story.ts';

/** `start → sub(first → tell → work) → after`, with events beside. */
function telling(
  tell: ReturnType<typeof escalate>,
  events: Parameters<typeof inside>[1],
  flows: readonly string[] = [],
) {
  const elements = {
    start,
    sub: subProcess(),
    after: job('after'),
    ...inside('sub', { first: start, tell, work: job('work') }),
    ...events,
  };
  const behind = tell.kind === 'endEvent' ? 'first -> tell' : 'first -> tell -> work';
  return new Cluster().install(model('p', elements, ['start -> sub -> after', behind, ...flows]));
}

const types = (cluster: Cluster) => cluster.jobs().map(({ type }) => type);

describe('an escalation', () => {
  it('that nobody catches is no error: the way goes on', () => {
    const cluster = telling(escalate('LATE'), {});
    cluster.start('p');
    expect(cluster.last('escalation.thrown')).toMatchObject({ elementId: 'tell', code: 'LATE' });
    expect(cluster.last('escalation.thrown').caughtBy).toBeUndefined();
    expect(types(cluster)).toEqual(['work']);
  });

  it('is caught at the boundary without stopping what runs', () => {
    const events = { heard: boundary('sub', escalationTrigger('LATE'), false), help: job('help') };
    const cluster = telling(escalate('=code'), events, ['heard -> help']);
    const id = cluster.start('p', { code: 'LATE' });
    expect(types(cluster).sort()).toEqual(['help', 'work']);
    for (const offered of cluster.jobs()) cluster.completeJob({}, offered);
    cluster.completeJob();
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('is caught at the boundary, and ends what runs', () => {
    const events = { heard: boundary('sub', escalationTrigger()), help: job('help') };
    const cluster = telling(escalate('LATE'), events, ['heard -> help']);
    const id = cluster.start('p');
    expect(path(cluster.events).slice(-5)).toEqual([
      'element.completed tell',
      'element.terminated sub',
      'element.entered heard',
      'element.completed heard',
      'element.entered help',
    ]);
    cluster.completeJob();
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('goes to the event for its code before one for all, and not to one for another', () => {
    const events = {
      other: boundary('sub', escalationTrigger('EARLY'), false),
      all: boundary('sub', escalationTrigger(), false),
      very: boundary('sub', escalationTrigger('LATE'), false),
    };
    const cluster = telling(escalate('LATE'), events);
    cluster.start('p');
    expect(cluster.last('escalation.thrown').caughtBy).toBe('very');
  });

  it('goes to the event sub-process of its scope before the boundary event', () => {
    const events = {
      outer: boundary('sub', escalationTrigger()),
      ...inside('sub', { esp: eventSubProcess }),
      ...inside('esp', { on: startOn(escalationTrigger(), false), help: job('help') }),
    };
    const cluster = telling(escalate('LATE'), events, ['on -> help']);
    const id = cluster.start('p');
    expect(cluster.last('escalation.thrown').caughtBy).toBe('on');
    expect(types(cluster).sort()).toEqual(['help', 'work']);
    cluster.run({ kind: 'cancelInstance', instanceId: id });
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('starts an event sub-process of the process that ends all else', () => {
    const events = {
      esp: eventSubProcess,
      ...inside('esp', { on: startOn(escalationTrigger('LATE')), help: job('help'), helped: end }),
    };
    const cluster = telling(escalate('LATE'), events, ['on -> help -> helped']);
    const id = cluster.start('p');
    expect(types(cluster)).toEqual(['help']);
    cluster.completeJob();
    expect(cluster.last('instance.completed').instanceId).toBe(id);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('is not caught by the event sub-process that it is thrown in', () => {
    const events = {
      outer: boundary('sub', escalationTrigger(), false),
      ...inside('sub', { esp: eventSubProcess }),
      ...inside('esp', { on: startOn(escalationTrigger(), false), again: endWithEscalation('LATER') }),
    };
    const cluster = telling(escalate('LATE'), events, ['on -> again']);
    cluster.start('p');
    expect(cluster.all('escalation.thrown').map(({ caughtBy }) => caughtBy)).toEqual(['on', 'outer']);
  });

  it('of an end event ends its token, and the scope completes when nobody interrupts it', () => {
    const cluster = telling(endWithEscalation('LATE'), { heard: boundary('sub', escalationTrigger(), false) });
    const id = cluster.start('p');
    expect(path(cluster.events).slice(-5)).toEqual([
      'element.entered heard',
      'element.completed heard',
      'element.completed tell',
      'element.completed sub',
      'element.entered after',
    ]);
    cluster.completeJob();
    expect(cluster.rowsWith(id)).toEqual([]);
  });
});
