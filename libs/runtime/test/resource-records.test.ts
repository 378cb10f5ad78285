import { readDecisions } from '@millrace/dmn';
import { describe, expect, it } from 'vitest';
import { decodeGraph, encodeGraph } from '../src/resource-records.ts';

const file = (name: string, parts: string): string =>
  `<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" id="${name}" name="${name}" namespace="http://${name}">${parts}</definitions>`;
const library = file('library', '<itemDefinition name="tYes"><typeRef>string</typeRef></itemDefinition>');
const main = file(
  'main',
  '<import name="lib" namespace="http://library"/><decision id="d" name="d"><variable name="d" typeRef="lib.tYes"/><literalExpression><text>"x"</text></literalExpression></decision>',
);

describe('the decisions of a file, as records', () => {
  it('are read from their texts again when another build wrote the model, with what they import', async () => {
    const { decisions: model, imported } = await readDecisions(main, { others: [library] });
    if (model === undefined) throw new Error('expected a model');
    const written = encodeGraph({
      kind: 'decisions',
      graphKey: 'dmn/main:1',
      graphId: 'main',
      graphVersion: 1,
      decisions: [{ decisionId: 'd', decisionVersion: 1 }],
      resourceName: 'main.dmn',
      digest: '',
      xml: main,
      imported,
      model,
      deployedAt: 0,
    });
    const record = JSON.parse(written) as object;
    expect((await decodeGraph('dmn/main:1', record)).model).toEqual(model);
    const old = { ...record, modelVersion: 1, model: {} };
    expect((await decodeGraph('dmn/main:1', old)).model).toEqual(model);
    const lost = { ...old, imported: [] };
    await expect(decodeGraph('dmn/main:1', lost)).rejects.toThrow(
      'expected definition dmn/main:1 to be readable again',
    );
  });
});
