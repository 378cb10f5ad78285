import type { ProcessResource } from '@millrace/records';
import { type DecisionModel, readDecisions } from '@millrace/dmn';
import { beforeAll, describe, expect, it } from 'vitest';
import { Cluster } from './support/cluster.ts';
import { expression, job, map, model, start } from './support/model.ts';

const dish = (winter: string): string => `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="dishes" name="Dishes" namespace="test">
  <decision id="Dish" name="Dish">
    <variable name="Dish"/>
    <decisionTable hitPolicy="UNIQUE">
      <input id="i1"><inputExpression typeRef="string"><text>season</text></inputExpression></input>
      <input id="i2"><inputExpression typeRef="number"><text>guests</text></inputExpression></input>
      <output id="o1" name="dish" typeRef="string"/>
      <rule id="r1"><inputEntry><text>"winter"</text></inputEntry><inputEntry><text>&lt;= 8</text></inputEntry><outputEntry><text>"${winter}"</text></outputEntry></rule>
      <rule id="r2"><inputEntry><text>"summer"</text></inputEntry><inputEntry><text>-</text></inputEntry><outputEntry><text>"salad"</text></outputEntry></rule>
      <rule id="r3"><inputEntry><text>"summer"</text></inputEntry><inputEntry><text>&gt; 100</text></inputEntry><outputEntry><text>"barbecue"</text></outputEntry></rule>
    </decisionTable>
  </decision>
</definitions>`;

let first: DecisionModel;
let second: DecisionModel;

beforeAll(async () => {
  const models = await Promise.all([readDecisions(dish('stew')), readDecisions(dish('soup'))]);
  for (const { problems } of models) expect(problems).toEqual([]);
  [first, second] = models.map(({ decisions }) => decisions) as [DecisionModel, DecisionModel];
});

const dmn = (decisions: DecisionModel, digest: string) =>
  ({
    kind: 'dmn',
    name: 'dish.dmn',
    content: '<xml/>',
    digest,
    graphId: 'dishes',
    decisions: [{ decisionId: 'Dish' }],
    model: decisions,
  }) as const;

const rule = (decisionId: string, more: object = {}, kind = 'latest', versionTag?: string) =>
  ({
    kind: 'businessRuleTask',
    action: {
      kind: 'decision',
      decisionId: expression(decisionId),
      resultVariable: 'meal',
      binding: { kind, ...(versionTag === undefined ? {} : { versionTag }) },
    },
    ...more,
  }) as typeof start;

const cooking = (decide: typeof start) => model('p', { start, decide, cook: job('cook') }, ['start -> decide -> cook']);

const bpmn = (decide: typeof start): ProcessResource => ({
  kind: 'bpmn',
  name: 'p.bpmn',
  content: '<xml/>',
  digest: 'p1',
  processes: [{ processId: 'p', model: cooking(decide) }],
});

describe('a business rule task', () => {
  it('evaluates the latest version of a decision over what it sees, and says which rules fired', () => {
    const cluster = new Cluster().install(cooking(rule('Dish')));
    cluster.run({ kind: 'deploy', resources: [dmn(first, 'd1')] });
    cluster.run({ kind: 'deploy', resources: [dmn(second, 'd2')] });
    const id = cluster.start('p', { season: 'winter', guests: 4 });
    expect(cluster.last('decision.evaluated')).toMatchObject({
      elementId: 'decide',
      decisionId: 'Dish',
      decisionVersion: 2,
      decisions: [{ decisionId: 'Dish', rules: [1] }],
    });
    expect(cluster.lastJob().variables).toEqual({ season: 'winter', guests: 4, meal: 'soup' });
    cluster.completeJob();
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('takes its input mappings in, and lets out what its output mappings name', () => {
    const decide = rule('="Di" + "sh"', { inputs: [map('=when', 'season')], outputs: [map('=meal', 'menu.main')] });
    const cluster = new Cluster().install(cooking(decide));
    cluster.run({ kind: 'deploy', resources: [dmn(first, 'd1')] });
    cluster.start('p', { when: 'summer', guests: 3 });
    expect(cluster.lastJob().variables).toEqual({ when: 'summer', guests: 3, menu: { main: 'salad' } });
  });

  it('whose decision fails is an incident that shows what it saw, and goes on when that is mended', () => {
    const cluster = new Cluster().install(cooking(rule('Dish')));
    cluster.run({ kind: 'deploy', resources: [dmn(first, 'd1')] });
    const id = cluster.start('p', { season: 'summer', guests: 200 });
    const { reason, message, incidentKey } = cluster.last('incident.raised');
    expect(reason).toBe('DECISION_FAILED');
    expect(message).toMatch(/decision "Dish".*rule/);
    cluster.run({ kind: 'updateVariables', instanceId: id, variables: { guests: 2 } });
    cluster.run({ kind: 'resolveIncident', incidentKey });
    expect(cluster.lastJob().variables).toMatchObject({ meal: 'salad' });
  });

  it('whose decision is not deployed is an incident until it is', () => {
    const cluster = new Cluster().install(cooking(rule('Dish')));
    cluster.start('p', { season: 'summer', guests: 2 });
    expect(cluster.last('incident.raised')).toMatchObject({ elementId: 'decide', reason: 'DECISION_FAILED' });
    cluster.run({ kind: 'deploy', resources: [dmn(first, 'd1')] });
    cluster.run({ kind: 'resolveIncident', incidentKey: cluster.last('incident.raised').incidentKey });
    expect(cluster.lastJob().type).toBe('cook');
  });

  it('bound by deployment evaluates the version that was deployed with its process, also when there is a later one', () => {
    const cluster = new Cluster();
    cluster.run({ kind: 'deploy', resources: [bpmn(rule('Dish', {}, 'deployment')), dmn(first, 'd1')] });
    cluster.run({ kind: 'deploy', resources: [dmn(second, 'd2')] });
    cluster.start('p', { season: 'winter', guests: 4 });
    expect(cluster.lastJob().variables).toMatchObject({ meal: 'stew' });
    // Both again: the process is as it was, what it is bound to is not.
    cluster.run({ kind: 'deploy', resources: [bpmn(rule('Dish', {}, 'deployment')), dmn(first, 'd3')] });
    expect(cluster.last('deployment.accepted').definitions).toMatchObject([{ definitionVersion: 2, isNew: true }]);
    cluster.start('p', { season: 'winter', guests: 4 });
    expect(cluster.last('decision.evaluated').decisionVersion).toBe(3);
  });

  it('bound by deployment to what was not deployed with it is an incident', () => {
    const cluster = new Cluster();
    cluster.run({ kind: 'deploy', resources: [dmn(first, 'd1')] });
    cluster.run({ kind: 'deploy', resources: [bpmn(rule('Dish', {}, 'deployment'))] });
    cluster.start('p', { season: 'winter', guests: 4 });
    expect(cluster.last('incident.raised').message).toBe(
      'expected the decision "Dish" to be deployed together with the process',
    );
  });

  it('bound by a version tag evaluates the latest version that has it, itself or by its file', () => {
    const tagged = { ...first, versionTag: 'stable' };
    const { Dish } = second.decisions;
    const own = { ...second, versionTag: 'stable', decisions: { Dish: { ...Dish, versionTag: 'odd' } } };
    const cluster = new Cluster().install(cooking(rule('Dish', {}, 'versionTag', 'stable')));
    cluster.start('p', { season: 'winter', guests: 4 });
    expect(cluster.last('incident.raised').message).toBe(
      'expected the decision "Dish" to be deployed with the version tag "stable"',
    );
    for (const [at, model] of [first, tagged, tagged, own as DecisionModel].entries()) {
      cluster.run({ kind: 'deploy', resources: [dmn(model, `d${at}`)] });
    }
    cluster.start('p', { season: 'winter', guests: 4 });
    expect(cluster.last('decision.evaluated').decisionVersion).toBe(3);
    expect(cluster.lastJob().variables).toMatchObject({ meal: 'stew' });
  });

  it('may be a job as well', () => {
    const process = cooking({ ...job('rules'), kind: 'businessRuleTask' });
    const cluster = new Cluster().install(process);
    cluster.start('p');
    expect(cluster.lastJob().type).toBe('rules');
  });
});
