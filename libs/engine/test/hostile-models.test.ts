import { describe, expect, it } from 'vitest';
import type { ExecutableProcess } from '@millrace/bpmn';
import { HOPS_PER_STEP_MAX, HOPS_WITHOUT_WAIT_MAX } from '../src/index.ts';
import { Cluster } from './support/cluster.ts';
import { end, exclusive, feel, job, model, pass, script, sequential, start, times } from './support/model.ts';
import { flowsXml, readXml } from './support/xml.ts';

/** Models that somebody made to do harm. What runs stays bounded: the events of a step, the rows, the steps until it rests. */

const ITEMS = Array.from({ length: 100_000 }, (_, index) => index);

/** An element has two or three events, and the flow out of it one. */
const EVENTS_PER_STEP_MAX = HOPS_PER_STEP_MAX * 4;

/** Until it rests, without a look at the whole state after each step, which would take most of the time here. */
function run(process: ExecutableProcess, variables = {}): { cluster: Cluster; eventsMax: number } {
  const cluster = new Cluster().install(process);
  cluster.launch(process.id, variables);
  return { cluster, eventsMax: rest(cluster) };
}

/** @returns the events of the step that had the most. */
function rest(cluster: Cluster): number {
  let eventsMax = 0;
  for (let before = cluster.events.length; cluster.stepOnce(); before = cluster.events.length) {
    eventsMax = Math.max(eventsMax, cluster.events.length - before);
  }
  return eventsMax;
}

function rowsOf(cluster: Cluster): number {
  const tables = Object.values(cluster.partitions[0]?.state.dump() ?? {});
  return tables.reduce((sum, rows) => sum + Object.keys(rows).length, 0);
}

/** `t0 -> t1 -> … -> last` from a file. */
function row(count: number, tag: string, last: string): Promise<ExecutableProcess> {
  const names = Array.from({ length: count }, (_, index) => `t${index}`);
  const elements = names.map((name) => `<bpmn:${tag} id="${name}"/>`).join('');
  return readXml(
    `<bpmn:startEvent id="s"/>${elements}<bpmn:endEvent id="e"/>${flowsXml(['s', ...names, last].join(' -> '))}`,
  );
}

describe('a hostile model', () => {
  it('of thousands of elements in a row is passed in slices', async () => {
    const { cluster, eventsMax } = run(await row(HOPS_WITHOUT_WAIT_MAX - 10, 'task', 'e'));
    expect(cluster.events.at(-1)?.kind).toBe('instance.completed');
    expect(eventsMax).toBeLessThan(EVENTS_PER_STEP_MAX);
    expect(cluster.rowsWith('')).toEqual([]);
  });

  it.for(['exclusiveGateway', 'inclusiveGateway', 'task'])(
    'of 10,000 in a ring (%s) is found out, and can be cancelled',
    async (tag) => {
      const { cluster, eventsMax } = run(await row(10_000, tag, 't0'));
      const incident = cluster.last('incident.raised');
      expect(incident).toMatchObject({ reason: 'ENDLESS_LOOP' });
      expect(incident.message).toContain(`passed ${HOPS_WITHOUT_WAIT_MAX} elements`);
      expect(eventsMax).toBeLessThan(EVENTS_PER_STEP_MAX);
      expect(cluster.events.length).toBeLessThan(HOPS_WITHOUT_WAIT_MAX * 4);
      cluster.run({ kind: 'cancelInstance', instanceId: incident.instanceId });
      expect(cluster.rowsWith('')).toEqual([]);
    },
  );

  it.for([
    ['loops', 'count(for i in 1..1000000000 return i)', 'steps'],
    ['loops within loops', 'some i in 1..100000, j in 1..100000 satisfies i + j < 0', 'steps'],
    ['builds gigabytes', 'pad left("a", 1000000000)', 'characters'],
    ['backtracks', `matches("${'a'.repeat(43)}!", "^(a+)+$")`, 'ms'],
  ])('with FEEL that %s has an incident that says so, and the next instance is served', ([, text, bound]) => {
    const process = model('p', { start, x: exclusive, a: script(text ?? '', 'y'), b: job('b') }, [
      'start -> x',
      'x -> a [evil]',
      'x -> b [default]',
    ]);
    const { cluster } = run(process, { evil: true });
    expect(cluster.last('incident.raised')).toMatchObject({ elementId: 'a' });
    expect(cluster.last('incident.raised').message).toContain(bound);
    cluster.start('p', { evil: false });
    expect(cluster.lastJob().type).toBe('b');
  });

  it('that goes through 100,000 items at once does so in slices, and ends', () => {
    const spec = times(pass, { inputCollection: feel('items'), inputElement: 'item' });
    const { cluster, eventsMax } = run(model('p', { start, a: spec, end }, ['start -> a -> end']), { items: ITEMS });
    expect(cluster.all('element.completed').length).toBe(ITEMS.length + 3);
    expect(cluster.events.at(-1)?.kind).toBe('instance.completed');
    expect(eventsMax).toBeLessThan(EVENTS_PER_STEP_MAX);
    expect(cluster.rowsWith('')).toEqual([]);
  });

  it('that goes through 100,000 items one by one holds the rows of one, whatever it has done', () => {
    const spec = sequential(job('a'), { inputCollection: feel('items'), inputElement: 'item' });
    const { cluster } = run(model('p', { start, a: spec, end }, ['start -> a -> end']), { items: ITEMS });
    const rows = rowsOf(cluster);
    for (let at = 0; at < 500; at += 1) {
      const { instanceId, jobKey, variables } = cluster.lastJob();
      expect(variables['item']).toBe(at);
      cluster.send({ kind: 'completeJob', instanceId, jobKey, variables: {} });
      expect(rest(cluster)).toBeLessThan(20);
    }
    expect(rowsOf(cluster)).toBe(rows);
    cluster.send({ kind: 'cancelInstance', instanceId: cluster.lastJob().instanceId });
    expect(rest(cluster)).toBeLessThan(EVENTS_PER_STEP_MAX);
    expect(cluster.rowsWith('')).toEqual([]);
  });
});
