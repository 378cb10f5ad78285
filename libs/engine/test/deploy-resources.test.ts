import type { DecisionResource, FormResource } from '@millrace/records';
import { describe, expect, it } from 'vitest';
import { Cluster } from './support/cluster.ts';

const dmn = (graphId: string, digest: string, ...ids: string[]): DecisionResource => ({
  kind: 'dmn',
  name: 'test.dmn',
  content: '<xml/>',
  digest,
  graphId,
  decisions: ids.map((decisionId) => ({ decisionId })),
  model: {},
});
const form = (formId: string, digest: string): FormResource => ({
  kind: 'form',
  name: 'test.form',
  content: '{}',
  digest,
  formId,
});

describe('a deployment of decisions and forms', () => {
  it('gives each decision of a changed file a new version, and none to what is deployed already', () => {
    const cluster = new Cluster();
    for (const digest of ['d1', 'd1', 'd2']) {
      cluster.run({ kind: 'deploy', resources: [dmn('g', digest, 'a', 'b'), form('f', digest)] });
    }
    const accepted = cluster.all('deployment.accepted');
    expect(accepted.map(({ decisions }) => decisions.map((one) => [one.decisionVersion, one.isNew]))).toEqual([
      [
        [1, true],
        [1, true],
      ],
      [
        [1, false],
        [1, false],
      ],
      [
        [2, true],
        [2, true],
      ],
    ]);
    expect(accepted.map(({ forms }) => forms.map((one) => [one.formKey, one.isNew]))).toEqual([
      [['form/f:1', true]],
      [['form/f:1', false]],
      [['form/f:2', true]],
    ]);
    const outputs = cluster.outputs.map((output) => (output.kind === 'decisions' ? output.graphKey : output.kind));
    expect(outputs).toEqual(['dmn/g:1', 'form', 'dmn/g:2', 'form']);
  });

  it('counts the versions of a decision, whichever file it comes with', () => {
    const cluster = new Cluster();
    cluster.run({ kind: 'deploy', resources: [dmn('g', 'd1', 'a')] });
    cluster.run({ kind: 'deploy', resources: [dmn('h', 'd2', 'a')] });
    // The first file again: what it says of `a` is no longer the latest word.
    cluster.run({ kind: 'deploy', resources: [dmn('g', 'd1', 'a')] });
    const versions = cluster.all('deployment.accepted').map(({ decisions: [first] }) => first);
    expect(versions).toMatchObject([
      { graphKey: 'dmn/g:1', decisionVersion: 1 },
      { graphKey: 'dmn/h:1', decisionVersion: 2 },
      { graphKey: 'dmn/g:2', decisionVersion: 3, isNew: true },
    ]);
  });

  it('makes them known to every partition', () => {
    const cluster = new Cluster(3);
    cluster.run({ kind: 'deploy', resources: [dmn('g', 'd1', 'a'), form('f', 'd1')] });
    cluster.run({ kind: 'deploy', resources: [dmn('g', 'd2', 'a')] });
    for (const { state } of cluster.partitions) {
      expect(state.decision('a')).toMatchObject({ version: 2 });
      expect(state.decision('a', 1)).toMatchObject({ version: 1 });
      expect(state.decision('a', 3)).toBeUndefined();
      expect(state.form('f')).toMatchObject({ version: 1 });
      expect(state.form('g')).toBeUndefined();
    }
  });

  it('installs nothing when one of its ids is too long for a row key', () => {
    const cluster = new Cluster();
    cluster.run({ kind: 'deploy', resources: [form('f', 'd1'), dmn('g', 'd1', 'x'.repeat(201))] });
    cluster.run({ kind: 'deploy', resources: [dmn('g', 'd1', 'a'), form('x'.repeat(201), 'd1')] });
    expect(cluster.all('command.rejected').map(({ reason }) => reason)).toEqual([
      'INVALID_ARGUMENT',
      'INVALID_ARGUMENT',
    ]);
    expect(cluster.all('form.deployed')).toEqual([]);
    expect(cluster.outputs).toEqual([]);
  });
});
