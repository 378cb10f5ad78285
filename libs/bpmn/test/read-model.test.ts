import { describe, expect, it } from 'vitest';
import { literalJobTypes, readModel } from '../src/index.ts';
import { around, definitions, extended, flow, model, paidMessage, problemsOf, read } from './fixtures.ts';

const element = async (xml: string, id = 'e'): Promise<unknown> => (await read(xml)).elements[id];

describe('readModel', () => {
  it('reads a process with its flows in document order', async () => {
    const process = await read(
      model(`
        <bpmn:extensionElements><zeebe:versionTag value="2026.1"/><millrace:expiry after="PT2H"/></bpmn:extensionElements>
        <bpmn:startEvent id="start" name="Order came"/>
        <bpmn:exclusiveGateway id="x" default="f3"/>
        <bpmn:task id="a"/><bpmn:manualTask id="b"/>
        ${flow('f1', 'start', 'x')}${flow('f2', 'x', 'a', '= amount &gt; 10')}${flow('f3', 'x', 'b')}`),
    );
    expect(process).toEqual({
      id: 'p',
      name: 'P',
      versionTag: '2026.1',
      expiresAfter: 'PT2H',
      startEvents: ['start'],
      boundaryEvents: {},
      flows: {
        f1: { id: 'f1', source: 'start', target: 'x' },
        f2: { id: 'f2', source: 'x', target: 'a', condition: 'amount > 10' },
        f3: { id: 'f3', source: 'x', target: 'b' },
      },
      elements: {
        start: { ...bare('start', [], ['f1']), kind: 'startEvent', name: 'Order came', trigger: { kind: 'none' } },
        x: { ...bare('x', ['f1'], ['f2', 'f3']), kind: 'exclusiveGateway', defaultFlow: 'f3' },
        a: { ...bare('a', ['f2'], []), kind: 'task' },
        b: { ...bare('b', ['f3'], []), kind: 'manualTask' },
      },
    });
  });

  it('M1: gives plain frozen data', async () => {
    const process = await read(around('e', '<bpmn:userTask id="e"/>'));
    expect(JSON.parse(JSON.stringify(process))).toEqual(process);
    expect(Object.isFrozen(process) && Object.isFrozen(process.elements['e'])).toBe(true);
  });

  it('reads a job with its headers, retries, timeout and mappings', async () => {
    const xml = around(
      'e',
      `<bpmn:serviceTask id="e">${extended(`
        <zeebe:taskDefinition type="credit-check" retries="5"/>
        <zeebe:taskHeaders><zeebe:header key="bureau" value="north"/></zeebe:taskHeaders>
        <zeebe:ioMapping>
          <zeebe:input source="=customer.id" target="customerId"/>
          <zeebe:output source="=score" target="credit.score"/>
        </zeebe:ioMapping>
        <millrace:job timeout="PT30S" retryBackoff="=backoff"/>`)}</bpmn:serviceTask>`,
    );
    expect(await element(xml)).toMatchObject({
      kind: 'serviceTask',
      inputs: [{ source: feel('customer.id'), target: ['customerId'] }],
      outputs: [{ source: feel('score'), target: ['credit', 'score'] }],
      action: {
        kind: 'job',
        type: literal('credit-check'),
        retries: literal('5'),
        headers: { bureau: 'north' },
        timeout: literal('PT30S'),
        retryBackoff: feel('backoff'),
      },
    });
    expect(literalJobTypes(await read(xml))).toEqual(['credit-check']);
  });

  it('gives a job three retries when the model says nothing', async () => {
    const xml = around(
      'e',
      `<bpmn:serviceTask id="e">${extended('<zeebe:taskDefinition type="=t"/>')}</bpmn:serviceTask>`,
    );
    expect(await element(xml)).toMatchObject({ action: { type: feel('t'), retries: literal('3') } });
    expect(literalJobTypes(await read(xml))).toEqual([]);
  });

  it.for(['sendTask', 'intermediateThrowEvent', 'endEvent'])('reads millrace:publish of a %s', async (type) => {
    const publish = extended(`<millrace:publish topic="notices" key="=id" payload="={ a: 1 }">
      <millrace:header name="kind" value="=k"/></millrace:publish>`);
    const event = type === 'sendTask' ? '' : '<bpmn:messageEventDefinition/>';
    const xml = model(
      `<bpmn:startEvent id="start"/><bpmn:${type} id="e">${publish}${event}</bpmn:${type}>${flow('f', 'start', 'e')}`,
    );
    expect(await element(xml)).toMatchObject({
      action: {
        kind: 'publish',
        topic: literal('notices'),
        key: feel('id'),
        payload: feel('{ a: 1 }'),
        headers: [{ name: 'kind', value: feel('k') }],
      },
    });
  });

  it.for(['receiveTask', 'intermediateCatchEvent'])('reads millrace:receive of a %s', async (type) => {
    const receive = extended('<millrace:receive topic="engine.receive.doc.v1" key="doc" timeout="P1D"/>');
    expect(await element(around('e', `<bpmn:${type} id="e">${receive}</bpmn:${type}>`))).toMatchObject({
      trigger: { kind: 'reply', topic: 'engine.receive.doc.v1', keyName: 'doc', timeout: literal('P1D') },
    });
  });

  it('reads message subscriptions of receive tasks, catch and boundary events', async () => {
    const definition = '<bpmn:messageEventDefinition messageRef="m"/>';
    const process = await read(
      model(
        `<bpmn:startEvent id="start"/><bpmn:receiveTask id="a" messageRef="m"/>
        <bpmn:intermediateCatchEvent id="b">${definition}</bpmn:intermediateCatchEvent>
        <bpmn:boundaryEvent id="c" attachedToRef="a" cancelActivity="false">${definition}</bpmn:boundaryEvent>
        ${flow('f1', 'start', 'a')}${flow('f2', 'a', 'b')}`,
        paidMessage,
      ),
    );
    const trigger = { kind: 'message', name: literal('paid'), correlationKey: feel('orderId') };
    expect(process.elements).toMatchObject({
      a: { kind: 'receiveTask', trigger },
      b: { kind: 'intermediateCatchEvent', trigger },
      c: { kind: 'boundaryEvent', attachedTo: 'a', interrupting: false, trigger },
    });
    expect(process.boundaryEvents).toEqual({ a: ['c'] });
  });

  it.for<[string, string, string]>([
    ['timeDate', '2026-01-01T00:00:00Z', 'date'],
    ['timeDuration', 'PT5M', 'duration'],
  ])('reads a timer by %s', async ([property, body, timer]) => {
    const xml = around(
      'e',
      `<bpmn:intermediateCatchEvent id="e"><bpmn:timerEventDefinition><bpmn:${property}>${body}</bpmn:${property}></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>`,
    );
    expect(await element(xml)).toMatchObject({ trigger: { kind: 'timer', timer, expression: literal(body) } });
  });

  it('reads message and timer start events', async () => {
    const process = await read(
      model(
        `<bpmn:startEvent id="a"><bpmn:messageEventDefinition messageRef="m"/></bpmn:startEvent>
        <bpmn:startEvent id="b"><bpmn:timerEventDefinition><bpmn:timeCycle>R/P1D</bpmn:timeCycle></bpmn:timerEventDefinition></bpmn:startEvent>`,
        '<bpmn:message id="m" name="order"/>',
      ),
    );
    expect(process.startEvents).toEqual(['a', 'b']);
    expect(process.elements).toMatchObject({
      a: { trigger: { kind: 'startMessage', name: 'order' } },
      b: { trigger: { kind: 'timer', timer: 'cycle', expression: literal('R/P1D') } },
    });
  });

  it('reads errors thrown and caught, and a terminate end', async () => {
    const error = '<bpmn:errorEventDefinition errorRef="err"/>';
    const process = await read(
      model(
        `<bpmn:startEvent id="start"/><bpmn:userTask id="a"/>
        <bpmn:boundaryEvent id="b" attachedToRef="a">${error}</bpmn:boundaryEvent>
        <bpmn:boundaryEvent id="c" attachedToRef="a"><bpmn:errorEventDefinition/></bpmn:boundaryEvent>
        <bpmn:endEvent id="d">${error}</bpmn:endEvent>
        <bpmn:endEvent id="e"><bpmn:terminateEventDefinition/></bpmn:endEvent>
        ${flow('f1', 'start', 'a')}${flow('f2', 'a', 'd')}${flow('f3', 'b', 'e')}`,
        '<bpmn:error id="err" errorCode="UNKNOWN"/>',
      ),
    );
    expect(process.elements).toMatchObject({
      b: { interrupting: true, trigger: { kind: 'error', code: 'UNKNOWN' } },
      c: { trigger: { kind: 'error' } },
      d: { action: { kind: 'error', code: literal('UNKNOWN') } },
      e: { action: { kind: 'terminate' } },
    });
    expect(process.elements['c']).not.toHaveProperty('trigger.code');
  });

  it('reads user tasks and scripts', async () => {
    const user = extended(`<zeebe:userTask/><zeebe:assignmentDefinition assignee="=who" candidateGroups="risk, sales"/>
      <zeebe:formDefinition formId="review"/><zeebe:taskSchedule dueDate="=due"/><zeebe:priorityDefinition priority="70"/>`);
    expect(await element(around('e', `<bpmn:userTask id="e">${user}</bpmn:userTask>`))).toMatchObject({
      assignment: {
        assignee: feel('who'),
        candidateGroups: literal('risk, sales'),
        dueDate: feel('due'),
        priority: literal('70'),
      },
      form: { formId: 'review' },
    });
    const bound = extended('<zeebe:userTask/><zeebe:formDefinition formId="review" bindingType="deployment"/>');
    expect(await element(around('e', `<bpmn:userTask id="e">${bound}</bpmn:userTask>`))).toMatchObject({
      form: { formId: 'review', binding: 'deployment' },
    });
    const tagged = extended(
      '<zeebe:userTask/><zeebe:formDefinition formId="review" bindingType="versionTag" versionTag="v1"/>',
    );
    expect(await element(around('e', `<bpmn:userTask id="e">${tagged}</bpmn:userTask>`))).toMatchObject({
      form: { formId: 'review', binding: 'versionTag', versionTag: 'v1' },
    });
    const script = extended('<zeebe:script expression="=a + b" resultVariable="sum"/>');
    expect(await element(around('e', `<bpmn:scriptTask id="e">${script}</bpmn:scriptTask>`))).toMatchObject({
      action: { kind: 'script', expression: feel('a + b'), resultVariable: 'sum' },
    });
  });

  it('reads listeners: of elements, of tasks, of the process', async () => {
    const listeners = (of: string): string => `<zeebe:executionListeners>${of}</zeebe:executionListeners>`;
    const own =
      listeners(`<zeebe:executionListener eventType="end" type="=a" retries="=n"/>
        <zeebe:executionListener eventType="start" type="b" millrace:timeout="PT1M" millrace:retryBackoff="=wait">
          <zeebe:taskHeaders><zeebe:header key="k" value="own"/></zeebe:taskHeaders></zeebe:executionListener>
        <zeebe:executionListener eventType="end" type="c"/>`) +
      '<zeebe:taskHeaders><zeebe:header key="k" value="all"/><zeebe:header key="l" value="all"/></zeebe:taskHeaders>' +
      '<zeebe:userTask/><zeebe:taskListeners><zeebe:taskListener eventType="completing" type="d" retries="1"/></zeebe:taskListeners>';
    const xml = around('e', `<bpmn:userTask id="e">${extended(own)}</bpmn:userTask>`);
    const job = (type: object, more: object = {}) => ({
      kind: 'job',
      type,
      retries: literal('3'),
      headers: { k: 'all', l: 'all' },
      ...more,
    });
    expect(await element(xml)).toMatchObject({
      listeners: {
        start: [
          job(literal('b'), { headers: { k: 'own', l: 'all' }, timeout: literal('PT1M'), retryBackoff: feel('wait') }),
        ],
        end: [job(feel('a'), { retries: feel('n') }), job(literal('c'))],
      },
      taskListeners: { completing: [job(literal('d'), { retries: literal('1') })] },
    });
    const ofProcess = xml.replace(
      /(<bpmn:process [^>]*>)/,
      `$1${extended(listeners('<zeebe:executionListener eventType="start" type="p"/>'))}`,
    );
    const process = await read(ofProcess);
    expect(process).toMatchObject({ listeners: { start: [{ type: literal('p') }] } });
    expect(literalJobTypes(process).toSorted()).toEqual(['b', 'c', 'd', 'p']);
  });

  it('reads over what only a person looks at', async () => {
    const xml = definitions(`
      <bpmn:collaboration id="col"><bpmn:participant id="us" processRef="p"/><bpmn:participant id="them" name="Bank"/>
        <bpmn:messageFlow id="mf" sourceRef="them" targetRef="us"/></bpmn:collaboration>
      <bpmn:process id="p" isExecutable="true">
        <bpmn:laneSet id="ls"><bpmn:lane id="l1"><bpmn:flowNodeRef>start</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>
        <bpmn:startEvent id="start"/><bpmn:dataObject id="do"/><bpmn:dataObjectReference id="dor" dataObjectRef="do"/>
        <bpmn:textAnnotation id="note"><bpmn:text>hello</bpmn:text></bpmn:textAnnotation>
        <bpmn:association id="as" sourceRef="start" targetRef="note"/><bpmn:group id="g"/>
      </bpmn:process>
      <bpmn:process id="notExecutable"><bpmn:subProcess id="ignored"/></bpmn:process>`);
    const { processes, problems } = await readModel(xml, {
      checkExpression: () => undefined,
      checkTimer: () => undefined,
    });
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(processes.map(({ id, elements }) => [id, Object.keys(elements)])).toEqual([['p', ['start']]]);
  });

  it('warns of an element that nothing leads to, and deploys it all the same', async () => {
    const xml = model('<bpmn:startEvent id="start"/><bpmn:task id="lonely"/>');
    await read(xml);
    expect(await problemsOf(xml)).toContainEqual(
      expect.objectContaining({ rule: 'unreachable', elementId: 'lonely', severity: 'warning' }),
    );
  });

  it('tells in which lanes an element lies, and who does the user tasks of a lane', async () => {
    const lanes = `<bpmn:laneSet id="ls"><bpmn:lane id="l1" name="Bank"><bpmn:childLaneSet id="cs">
        <bpmn:lane id="l2" name="Risk">${extended('<millrace:lane candidateGroups="risk"/>')}<bpmn:flowNodeRef>ask</bpmn:flowNodeRef><bpmn:flowNodeRef>part</bpmn:flowNodeRef></bpmn:lane>
        <bpmn:lane id="l3" name="Desk"><bpmn:flowNodeRef>start</bpmn:flowNodeRef></bpmn:lane></bpmn:childLaneSet></bpmn:lane></bpmn:laneSet>`;
    const own = extended('<zeebe:assignmentDefinition candidateGroups="own"/>');
    const { elements } = await read(
      model(
        `${lanes}<bpmn:dataObject id="do"/><bpmn:dataObjectReference id="dr" dataObjectRef="do"/>
        <bpmn:startEvent id="start"/><bpmn:userTask id="ask"/>
        <bpmn:subProcess id="part"><bpmn:startEvent id="s"/><bpmn:userTask id="deep">${own}</bpmn:userTask>${flow('f3', 's', 'deep')}</bpmn:subProcess>
        <bpmn:endEvent id="out"/>${flow('f1', 'start', 'ask')}${flow('f2', 'ask', 'part')}${flow('f4', 'part', 'out')}`,
      ),
    );
    expect(elements).toMatchObject({
      start: { lanes: ['Bank', 'Desk'] },
      ask: { lanes: ['Bank', 'Risk'], assignment: { candidateGroups: { kind: 'literal', value: 'risk' } } },
      deep: { lanes: ['Bank', 'Risk'], assignment: { candidateGroups: { kind: 'literal', value: 'own' } } },
    });
    expect(elements['out']).not.toHaveProperty('lanes');
    expect(elements).not.toHaveProperty('dr');
  });
});

function bare(id: string, incoming: string[], outgoing: string[]): object {
  return { id, incoming, outgoing, inputs: [], outputs: [] };
}

function feel(text: string): object {
  return { kind: 'feel', text };
}

function literal(value: string): object {
  return { kind: 'literal', value };
}
