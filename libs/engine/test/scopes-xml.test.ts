import { describe, expect, it } from 'vitest';
import { Cluster } from './support/cluster.ts';
import { path } from './support/story.ts';
import { flowsXml, jobXml, readXml } from './support/xml.ts';

/** From XML, as a modeller writes it, through a deployment, to the end. */
describe('a sub-process from a file', () => {
  it('runs in a sub-process, catches an error there, and is over', async () => {
    const process = await readXml(
      `<bpmn:startEvent id="start"/>
      <bpmn:subProcess id="Deliver">
        <bpmn:startEvent id="begin"/>
        <bpmn:subProcess id="Pack"><bpmn:startEvent id="packing"/>${jobXml('box')}${flowsXml('packing -> box')}</bpmn:subProcess>
        <bpmn:boundaryEvent id="broken" attachedToRef="Pack"><bpmn:errorEventDefinition errorRef="err"/></bpmn:boundaryEvent>
        ${jobXml('repair')}<bpmn:endEvent id="delivered"/>
        ${flowsXml('begin -> Pack -> delivered', 'broken -> repair -> delivered')}
      </bpmn:subProcess>
      <bpmn:endEvent id="end"/>${flowsXml('start -> Deliver -> end')}`,
      '<bpmn:error id="err" errorCode="BROKEN"/>',
    );
    const cluster = new Cluster(2);
    cluster.deploy(process);
    const instanceId = cluster.start('p');
    const { jobKey } = cluster.lastJob();
    cluster.run({ kind: 'throwJobError', instanceId, jobKey, attempt: 1, code: 'BROKEN' });
    expect(cluster.lastJob().type).toBe('repair');
    expect(path(cluster.completeJob())).toEqual([
      'element.completed repair',
      'element.entered delivered',
      'element.completed delivered',
      'element.completed Deliver',
      'element.entered end',
      'element.completed end',
      'instance.completed',
    ]);
    expect(cluster.rowsWith(instanceId)).toEqual([]);
  });
});

describe('a call activity from a file', () => {
  it('calls what was deployed, with what it maps, and takes what it maps', async () => {
    const called = await readXml(`<bpmn:startEvent id="s"/>${jobXml('print')}${flowsXml('s -> print')}`);
    const extension = `<bpmn:extensionElements>
      <zeebe:calledElement processId="=which" propagateAllChildVariables="false" propagateAllParentVariables="false" bindingType="versionTag" versionTag="v1"/>
      <zeebe:ioMapping><zeebe:input source="=pages" target="count"/><zeebe:output source="=sheets" target="printed"/></zeebe:ioMapping></bpmn:extensionElements>`;
    const caller = await readXml(
      `<bpmn:startEvent id="s"/><bpmn:callActivity id="Print">${extension}</bpmn:callActivity>${jobXml('after')}${flowsXml('s -> Print -> after')}`,
    );
    const cluster = new Cluster(2);
    cluster.deploy({ ...called, id: 'printing', versionTag: 'v1' });
    cluster.deploy(caller);
    const id = cluster.start('p', { which: 'printing', pages: 3 });
    expect(cluster.lastJob()).toMatchObject({ type: 'print', processId: 'printing', variables: { count: 3 } });
    cluster.completeJob({ sheets: 2, noise: 1 });
    expect(cluster.lastJob()).toMatchObject({ type: 'after', variables: { which: 'printing', pages: 3, printed: 2 } });
    cluster.completeJob();
    expect(cluster.rowsWith(id)).toEqual([]);
  });
});

describe('event sub-processes from a file', () => {
  it('start by escalation, message and cycle, in the process and in a sub-process', async () => {
    const cycle = '<bpmn:timerEventDefinition><bpmn:timeCycle>R2/PT1H</bpmn:timeCycle></bpmn:timerEventDefinition>';
    const process = await readXml(
      `<bpmn:startEvent id="start"/>
      <bpmn:subProcess id="Work">
        <bpmn:startEvent id="begin"/>
        <bpmn:intermediateThrowEvent id="tell"><bpmn:escalationEventDefinition escalationRef="esc"/></bpmn:intermediateThrowEvent>
        ${jobXml('build')}${flowsXml('begin -> tell -> build')}
        <bpmn:subProcess id="Remind" triggeredByEvent="true">
          <bpmn:startEvent id="hourly" isInterrupting="false">${cycle}</bpmn:startEvent>${jobXml('remind')}${flowsXml('hourly -> remind')}
        </bpmn:subProcess>
      </bpmn:subProcess>
      <bpmn:boundaryEvent id="heard" attachedToRef="Work" cancelActivity="false"><bpmn:escalationEventDefinition/></bpmn:boundaryEvent>
      ${jobXml('note')}<bpmn:endEvent id="end"><bpmn:escalationEventDefinition escalationRef="esc"/></bpmn:endEvent>
      ${flowsXml('start -> Work -> end', 'heard -> note')}
      <bpmn:subProcess id="Stop" triggeredByEvent="true">
        <bpmn:startEvent id="stop"><bpmn:messageEventDefinition messageRef="m"/></bpmn:startEvent>${jobXml('clean')}${flowsXml('stop -> clean')}
      </bpmn:subProcess>`,
      `<bpmn:escalation id="esc" escalationCode="LATE"/>
      <bpmn:message id="m" name="stop"><bpmn:extensionElements><zeebe:subscription correlationKey="=key"/></bpmn:extensionElements></bpmn:message>`,
    );
    const cluster = new Cluster(2);
    cluster.deploy(process);
    const id = cluster.start('p', { key: 'k' });
    expect(cluster.last('escalation.thrown')).toMatchObject({ code: 'LATE', caughtBy: 'heard' });
    cluster.pass(3 * 3_600_000);
    expect(cluster.jobs().map(({ type }) => type)).toEqual(['note', 'build', 'remind', 'remind']);
    cluster.run({ kind: 'publishMessage', name: 'stop', correlationKey: 'k', ttlMs: 0, variables: {} });
    expect(cluster.lastJob().type).toBe('clean');
    cluster.completeJob();
    expect(cluster.last('instance.completed').instanceId).toBe(id);
    expect(cluster.rowsWith(id)).toEqual([]);
  });
});

describe('an ad-hoc sub-process from a file', () => {
  it('begins with what its collection names, until its condition holds', async () => {
    const process = await readXml(
      `<bpmn:startEvent id="start"/>
      <bpmn:adHocSubProcess id="Pick">
        <bpmn:extensionElements><zeebe:adHoc activeElementsCollection="=picked"/></bpmn:extensionElements>
        ${jobXml('one')}${jobXml('two')}${jobXml('three')}
        <bpmn:completionCondition xsi:type="bpmn:tFormalExpression">=done</bpmn:completionCondition>
      </bpmn:adHocSubProcess>
      <bpmn:endEvent id="end"/>${flowsXml('start -> Pick -> end')}`,
    );
    const cluster = new Cluster(2);
    cluster.deploy(process);
    const id = cluster.start('p', { picked: ['one', 'three'] });
    expect(cluster.jobs().map(({ type }) => type)).toEqual(['one', 'three']);
    cluster.completeJob({ done: true });
    expect(cluster.last('instance.completed').instanceId).toBe(id);
    expect(cluster.rowsWith(id)).toEqual([]);
  });
});

describe('compensation from a file', () => {
  it('undoes a transaction that is cancelled, by associations', async () => {
    const process = await readXml(
      `<bpmn:startEvent id="start"/>
      <bpmn:transaction id="Trip">
        <bpmn:startEvent id="begin"/>${jobXml('hotel')}${jobXml('flight')}
        <bpmn:boundaryEvent id="hotelUndone" attachedToRef="hotel"><bpmn:compensateEventDefinition/></bpmn:boundaryEvent>
        ${jobXml('cancelHotel', 'cancel-hotel', 'isForCompensation="true"')}
        <bpmn:exclusiveGateway id="free" default="free-done"/>
        <bpmn:endEvent id="full"><bpmn:cancelEventDefinition/></bpmn:endEvent><bpmn:endEvent id="done"/>
        ${flowsXml('begin -> hotel -> flight -> free -> done', 'free -> full [isFull]')}
        <bpmn:association id="assoc" sourceRef="hotelUndone" targetRef="cancelHotel" associationDirection="One"/>
      </bpmn:transaction>
      <bpmn:boundaryEvent id="cancelled" attachedToRef="Trip"><bpmn:cancelEventDefinition/></bpmn:boundaryEvent>
      ${jobXml('apologise')}
      <bpmn:endEvent id="end"><bpmn:compensateEventDefinition activityRef="Trip"/></bpmn:endEvent>
      ${flowsXml('start -> Trip -> end', 'cancelled -> apologise')}`,
    );
    for (const isFull of [true, false]) {
      const cluster = new Cluster(2);
      cluster.deploy(process);
      const id = cluster.start('p', { isFull });
      cluster.completeJob();
      cluster.completeJob();
      expect(cluster.lastJob().type).toBe('cancel-hotel');
      cluster.completeJob();
      if (isFull) cluster.completeJob();
      expect(cluster.jobs().map(({ type }) => type)).toEqual([
        'hotel',
        'flight',
        'cancel-hotel',
        ...(isFull ? ['apologise'] : []),
      ]);
      expect(cluster.last('instance.completed').instanceId).toBe(id);
      expect(cluster.rowsWith(id)).toEqual([]);
    }
  });
});
