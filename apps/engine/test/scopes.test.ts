import { actionAnswer, instanceStatus, type InstanceStatus, problemDocument, startAnswer } from '@millrace/contract';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Mill } from './support/mill.ts';
import { bpmn, userTask } from './support/models.ts';

const adHoc = bpmn(
  'picking',
  `<bpmn:adHocSubProcess id="pick" name="Pick">
    <bpmn:callActivity id="ask"><bpmn:extensionElements><zeebe:calledElement processId="reviewed" /></bpmn:extensionElements></bpmn:callActivity>
    <bpmn:task id="note" />
  </bpmn:adHocSubProcess>`,
  ['start -> pick', 'pick -> end'],
);

describe('REST of scopes', () => {
  let mill: Mill;
  beforeAll(async () => {
    mill = await Mill.start();
    await mill.deploy(userTask('reviewed'));
    await mill.deploy(adHoc);
  });
  afterAll(() => mill.end());

  const status = async (uuid: string): Promise<InstanceStatus> =>
    instanceStatus.parse((await mill.call('GET', `/api/process/${uuid}/status`)).body);

  it('begins elements of an ad-hoc sub-process, and shows who called whom', async () => {
    const started = startAnswer.parse((await mill.call('POST', '/api/process/picking/start', {})).body);
    const { processInstanceUuid: caller, tokens } = started;
    const tokenId = tokens[0]?.id ?? '';
    expect(tokens).toMatchObject([{ node: 'pick', nodeType: 'adHocSubProcess' }]);
    const path = `/api/process/${caller}/token/${tokenId}/activate`;
    const refused = await mill.call('POST', path, { elements: ['end'] });
    expect(problemDocument.parse(refused.body)).toMatchObject({ status: 400, code: 'INVALID_REQUEST' });
    const answer = await mill.call('POST', path, { elements: ['ask', 'note'], variables: { what: 'roof' } });
    expect(
      actionAnswer
        .parse(answer.body)
        .tokens.map(({ node }) => node)
        .sort(),
    ).toEqual(['ask', 'pick']);
    // The call is a command of its own.
    const children = await vi.waitFor(async () => {
      const seen = (await status(caller)).children;
      expect(seen).toMatchObject([{ definition: 'reviewed', state: 'STARTED' }]);
      return seen;
    });
    const called = children[0]?.processInstanceUuid ?? '';
    const waiting = (await status(caller)).tokens.find(({ node }) => node === 'ask')?.id;
    expect(await status(called)).toMatchObject({
      parent: { processInstanceUuid: caller, tokenId: waiting },
      variables: { what: 'roof' },
      children: [],
    });
    const cancelled = await mill.call('POST', `/api/process/${called}/cancel`, {});
    expect(problemDocument.parse(cancelled.body)).toMatchObject({ code: 'INVALID_STATE' });
    const token = (await status(called)).tokens[0]?.id ?? '';
    await mill.call('POST', `/api/process/${called}/token/${token}/action/complete/execute`, {});
    expect(await status(caller)).toMatchObject({ state: 'FINISHED', children: [{ state: 'FINISHED' }] });
  });
});
