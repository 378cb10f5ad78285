import { type DeploymentAnswer, deploymentAnswer, evaluationAnswer, problemDocument } from '@millrace/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dishDecision, form } from './support/decisions.ts';
import { Mill } from './support/mill.ts';
import { bpmn, passThrough } from './support/models.ts';

describe('REST, for what is deployed beside processes', () => {
  let mill: Mill;
  beforeAll(async () => {
    mill = await Mill.start();
  });
  afterAll(() => mill.end());

  const post = async (files: Readonly<Record<string, string>>): Promise<{ status: number; body: unknown }> => {
    const data = new FormData();
    for (const [name, content] of Object.entries(files)) data.append('files', new Blob([content]), name);
    const response = await fetch(`${mill.served.url}/api/definitions`, { method: 'POST', body: data });
    return { status: response.status, body: await response.json() };
  };
  const deploy = async (files: Readonly<Record<string, string>>): Promise<DeploymentAnswer> => {
    const { status, body } = await post(files);
    expect(status, JSON.stringify(body)).toBe(201);
    return deploymentAnswer.parse(body);
  };

  it('deploys a process, a decision and a form together, and gives each back as it was', async () => {
    const answer = await deploy({ 'a.bpmn': passThrough('mixed'), 'b.dmn': dishDecision(), 'c.form': form('ask') });
    expect(answer).toMatchObject({
      definitions: [{ name: 'mixed', version: 1, isNew: true }],
      decisions: [
        { id: 'dish', name: 'Dish', version: 1, model: 'dishes', modelVersion: 1, file: 'b.dmn', isNew: true },
      ],
      forms: [{ id: 'ask', version: 1, file: 'c.form', isNew: true }],
    });
    expect((await mill.call('GET', '/api/decisions/dish/xml')).body).toBe(dishDecision());
    expect((await mill.call('GET', '/api/forms/ask')).body.form).toEqual(JSON.parse(form('ask')));
  });

  it.for([
    ['has no boundary', 'multipart/form-data', ''],
    ['ends in the middle', 'multipart/form-data; boundary=x', '--x\r\ncontent-disposition: form-data; name="files"'],
    ['is empty', 'multipart/form-data; boundary=x', ''],
  ] as const)('refuses form data that %s, and says so', async ([, type, body]) => {
    for (const path of ['/api/definitions', '/api/definitions/check']) {
      const headers = { 'content-type': type };
      const response = await fetch(mill.served.url + path, { method: 'POST', headers, body });
      const problem = problemDocument.parse(await response.json());
      expect(problem).toMatchObject({ status: 400, code: 'INVALID_REQUEST' });
      expect(problem.detail).toMatch(/^expected .* form data, found/);
    }
  });

  it('gives a new version to what has changed, and none to what has not', async () => {
    await deploy({ 'b.dmn': dishDecision(), 'c.form': form('versioned') });
    const unchanged = await deploy({ 'b.dmn': dishDecision(), 'c.form': form('versioned') });
    expect(unchanged).toMatchObject({
      decisions: [{ version: 1, isNew: false }],
      forms: [{ version: 1, isNew: false }],
    });
    const changed = await deploy({ 'b.dmn': dishDecision('Roast'), 'c.form': form('versioned', 'Full name') });
    expect(changed).toMatchObject({ decisions: [{ version: 2, isNew: true }], forms: [{ version: 2, isNew: true }] });

    const { versions } = (await mill.call('GET', '/api/decisions/dish')).body;
    expect(versions).toMatchObject([{ version: 2 }, { version: 1 }]);
    expect((await mill.call('GET', '/api/decisions/dish/xml?version=1')).body).toContain('Stew');
    expect((await mill.call('GET', '/api/decisions/dish/xml')).body).toContain('Roast');
    const old = (await mill.call('GET', '/api/forms/versioned?version=1')).body;
    expect(old).toMatchObject({ version: 1, form: { components: [{ label: 'Name' }] } });
    expect((await mill.call('GET', '/api/decisions')).body.items).toMatchObject([{ id: 'dish', version: 2 }]);
    const { items } = (await mill.call('GET', '/api/forms')).body;
    expect(items).toContainEqual(expect.objectContaining({ id: 'versioned', version: 2 }));
  });

  it('deploys a decision with the files that it imports, and anew when one of them changes', async () => {
    const library = (factor: number): string =>
      `<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="rates" name="Rates" namespace="http://rates">
        <businessKnowledgeModel id="scale" name="scale"><variable name="scale"/><encapsulatedLogic>
          <formalParameter name="n"/><literalExpression><text>n * ${factor}</text></literalExpression>
        </encapsulatedLogic></businessKnowledgeModel></definitions>`;
    const price = `<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="prices" name="Prices" namespace="http://prices">
      <import name="rates" namespace="http://rates" importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>
      <decision id="price" name="Price"><variable name="Price"/>
        <knowledgeRequirement><requiredKnowledge href="http://rates#scale"/></knowledgeRequirement>
        <literalExpression><text>rates.scale(amount)</text></literalExpression></decision></definitions>`;
    const answer = await deploy({ 'rates.dmn': library(2), 'prices.dmn': price });
    expect(answer.decisions.map(({ id, version }) => [id, version])).toEqual([['price', 1]]);
    expect((await mill.call('POST', '/api/decisions/price/evaluate', { amount: 21 })).body.value).toBe(42);
    const again = await deploy({ 'prices.dmn': price, 'rates.dmn': library(3) });
    expect(again.decisions).toMatchObject([{ id: 'price', version: 2, isNew: true }]);
    expect((await mill.call('POST', '/api/decisions/price/evaluate', { amount: 21 })).body.value).toBe(63);
    expect(await deploy({ 'prices.dmn': price, 'rates.dmn': library(3) })).toMatchObject({
      decisions: [{ version: 2, isNew: false }],
    });
    const { status, body } = await post({ 'prices.dmn': price });
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain('no file of the namespace \\"http://rates\\" is there');
    expect((await post({ 'rates.dmn': library(2) })).status).toBe(400);
  });

  it('evaluates a decision, and says which rules fired', async () => {
    await deploy({ 'e.dmn': dishDecision().replaceAll('dish', 'lunch') });
    const answer = await mill.call('POST', '/api/decisions/lunch/evaluate', { season: 'Winter' });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    expect(evaluationAnswer.parse(answer.body)).toEqual({
      id: 'lunch',
      version: 1,
      value: 'Stew',
      trace: [
        {
          decisionId: 'lunch',
          name: 'Dish',
          inputs: { season: 'Winter' },
          value: 'Stew',
          warnings: [],
          tables: [
            {
              tableId: 'table',
              inputs: [{ id: 'in', text: 'season', value: 'Winter' }],
              fired: [{ ruleId: 'cold', index: 1, outputs: { lunch: 'Stew' } }],
            },
          ],
        },
      ],
    });
    await deploy({ 'e.dmn': dishDecision('Roast').replaceAll('dish', 'lunch') });
    const evaluate = (query: string): Promise<{ body: unknown }> =>
      mill.call('POST', `/api/decisions/lunch/evaluate${query}`, { season: 'Winter' });
    expect((await evaluate('')).body).toMatchObject({ version: 2, value: 'Roast' });
    expect((await evaluate('?version=1')).body).toMatchObject({ version: 1, value: 'Stew' });
    const failed = await mill.call('POST', '/api/decisions/lunch/evaluate', { season: 5 });
    expect(failed).toMatchObject({ status: 422, body: { code: 'DECISION_FAILED', issues: [{ elementId: 'lunch' }] } });
  });

  it('takes a decision as a body of its own', async () => {
    const xml = dishDecision().replaceAll('dish', 'meal');
    const answer = await mill.call('POST', '/api/definitions', xml);
    expect(answer.body).toMatchObject({ definitions: [], decisions: [{ id: 'meal' }] });
  });

  it('deploys nothing when the engine refuses one of the files', async () => {
    const never = bpmn(
      'never',
      '<bpmn:startEvent id="tick"><bpmn:timerEventDefinition><bpmn:timeCycle>=nothing</bpmn:timeCycle></bpmn:timerEventDefinition></bpmn:startEvent>',
      ['start -> end', 'tick -> end'],
    );
    const { status } = await post({ 'a.bpmn': passThrough('innocent'), 'b.form': form('innocent'), 'c.bpmn': never });
    expect(status).toBe(400);
    expect((await mill.call('GET', '/api/definitions/innocent')).status).toBe(404);
    expect((await mill.call('GET', '/api/forms/innocent')).status).toBe(404);
  });

  it.for<[string, Record<string, string>, string[]]>([
    ['a form that is not JSON', { 'a.form': 'nonsense' }, ['form']],
    ['a form without an id', { 'a.form': '{"components":[]}' }, ['form']],
    ['the same form twice', { 'a.form': form('twice'), 'b.form': form('twice') }, ['duplicate-form']],
    [
      'the same decision twice',
      { 'a.dmn': dishDecision(), 'b.dmn': dishDecision().replace('"dishes"', '"others"') },
      ['duplicate-decision'],
    ],
    [
      'a decision without logic',
      { 'a.dmn': dishDecision().replace(/<decisionTable.*<\/decisionTable>/s, '') },
      ['logic'],
    ],
  ])('refuses %s', async ([, files, rules]) => {
    const { status, body } = await post(files);
    expect(status).toBe(400);
    const document = problemDocument.parse(body);
    expect(document).toMatchObject({ code: 'DEPLOYMENT_REFUSED' });
    expect(document.issues?.map(({ rule }) => rule)).toEqual(rules);
  });

  it.for([
    ['/api/decisions/nobody', 'DECISION_NOT_FOUND'],
    ['/api/decisions/nobody/xml', 'DECISION_NOT_FOUND'],
    ['/api/decisions/nobody/evaluate', 'DECISION_NOT_FOUND'],
    ['/api/forms/nobody', 'FORM_NOT_FOUND'],
    ['/api/forms/ask?version=9', 'FORM_NOT_FOUND'],
  ] as const)('says that there is nothing at %s', async ([path, code]) => {
    const isPost = path.endsWith('evaluate');
    const answer = await mill.call(isPost ? 'POST' : 'GET', path, isPost ? {} : undefined);
    expect(answer).toMatchObject({ status: 404, body: { code } });
  });
});
