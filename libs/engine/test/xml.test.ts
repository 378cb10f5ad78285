import { describe, expect, it } from 'vitest';
import { Cluster } from './support/cluster.ts';
import { path } from './support/story.ts';
import { flowsXml, jobXml, readXml } from './support/xml.ts';

const message = (name: string): string =>
  `<bpmn:message id="m-${name}" name="${name}"><bpmn:extensionElements><zeebe:subscription correlationKey="=key"/></bpmn:extensionElements></bpmn:message>`;
const catchMessage = (id: string): string =>
  `<bpmn:intermediateCatchEvent id="${id}"><bpmn:messageEventDefinition messageRef="m-${id}"/></bpmn:intermediateCatchEvent>`;
const catchTimer = (id: string, duration: string): string =>
  `<bpmn:intermediateCatchEvent id="${id}"><bpmn:timerEventDefinition><bpmn:timeDuration xsi:type="bpmn:tFormalExpression">${duration}</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>`;
const end = (id: string): string => `<bpmn:endEvent id="${id}"/>`;

/** What the readme of libs/bpmn lists, from the file to the end of the instance. */
describe('BPMN from a file', () => {
  it('conditional and default flows out of a task', async () => {
    const process = await readXml(
      `<bpmn:startEvent id="s"/>${jobXml('a', 'a', 'default="a-c"')}${end('b')}${end('c')}${flowsXml('s -> a', 'a -> b [x > 1]', 'a -> c')}`,
    );
    for (const [x, last] of [
      [2, 'b'],
      [1, 'c'],
    ] as const) {
      const cluster = new Cluster().install(process);
      cluster.start('p');
      expect(path(cluster.completeJob({ x }))).toEqual([
        'element.completed a',
        `element.entered ${last}`,
        `element.completed ${last}`,
        'instance.completed',
      ]);
    }
  });

  it('an inclusive gateway that splits, and one that joins', async () => {
    const process = await readXml(
      `<bpmn:startEvent id="s"/><bpmn:inclusiveGateway id="x" default="x-c"/>${jobXml('a')}${jobXml('b')}${jobXml('c')}<bpmn:inclusiveGateway id="j"/>${end('e')}${flowsXml('s -> x', 'x -> a [n > 0]', 'x -> b [n > 1]', 'x -> c', 'a -> j', 'b -> j', 'c -> j', 'j -> e')}`,
    );
    const cluster = new Cluster().install(process);
    const id = cluster.start('p', { n: 2 });
    const [a, b] = cluster.jobs();
    expect(path(cluster.completeJob({}, a))).toEqual(['element.completed a']);
    expect(path(cluster.completeJob({}, b)).slice(1, 3)).toEqual(['element.entered j', 'element.completed j']);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('an event-based gateway before a message and a timer', async () => {
    const process = await readXml(
      `<bpmn:startEvent id="s"/><bpmn:eventBasedGateway id="g"/>${catchMessage('paid')}${catchTimer('late', 'PT5M')}${end('e')}${flowsXml('s -> g', 'g -> paid -> e', 'g -> late -> e')}`,
      message('paid'),
    );
    const cluster = new Cluster().install(process);
    const id = cluster.start('p', { key: 'k' });
    expect(path(cluster.pass(300_000))).toContain('element.completed late');
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('a parallel event-based gateway that starts the process', async () => {
    const process = await readXml(
      `<bpmn:eventBasedGateway id="g" instantiate="true" eventGatewayType="Parallel"/>${catchMessage('order')}${catchMessage('payment')}${end('e')}${flowsXml('g -> order -> e', 'g -> payment -> e')}`,
      message('order') + message('payment'),
    );
    const cluster = new Cluster(3);
    cluster.deploy(process);
    for (const name of ['payment', 'order']) {
      const variables = { key: 'k' };
      cluster.run({ kind: 'publishMessage', name, correlationKey: 'k', ttlMs: 0, variables });
    }
    expect(cluster.all('instance.started')).toHaveLength(1);
    expect(cluster.all('instance.completed')).toHaveLength(1);
  });

  it('a receive task that starts the process', async () => {
    const process = await readXml(
      `<bpmn:receiveTask id="take" instantiate="true" messageRef="m-order"/>${end('e')}${flowsXml('take -> e')}`,
      message('order'),
    );
    const cluster = new Cluster(2);
    cluster.deploy(process);
    cluster.run({ kind: 'publishMessage', name: 'order', correlationKey: '', ttlMs: 0, variables: {} });
    expect(cluster.all('instance.completed')).toHaveLength(1);
  });

  it('links: two throwing events, one catching', async () => {
    const throwing = (id: string): string =>
      `<bpmn:intermediateThrowEvent id="${id}"><bpmn:linkEventDefinition name="L"/></bpmn:intermediateThrowEvent>`;
    const process = await readXml(
      `<bpmn:startEvent id="s"/><bpmn:parallelGateway id="g"/>${throwing('t1')}${throwing('t2')}<bpmn:intermediateCatchEvent id="c"><bpmn:linkEventDefinition name="L"/></bpmn:intermediateCatchEvent>${end('e')}${flowsXml('s -> g', 'g -> t1', 'g -> t2', 'c -> e')}`,
    );
    const cluster = new Cluster().install(process);
    const id = cluster.start('p');
    expect(cluster.all('flow.taken').map(({ flowId }) => flowId)).toContain('link:t1');
    expect(cluster.all('element.entered').filter(({ elementId }) => elementId === 'c')).toHaveLength(2);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('signals: thrown, thrown at an end, caught, at a boundary and at a start', async () => {
    const definition = '<bpmn:signalEventDefinition signalRef="sig"/>';
    const root = '<bpmn:signal id="sig" name="=&quot;al&quot; + &quot;arm&quot;"/>';
    const process = await readXml(
      `<bpmn:startEvent id="s"/><bpmn:startEvent id="heard">${definition}</bpmn:startEvent>
       <bpmn:intermediateCatchEvent id="c">${definition}</bpmn:intermediateCatchEvent>
       <bpmn:intermediateThrowEvent id="t">${definition}</bpmn:intermediateThrowEvent>${jobXml('a')}
       <bpmn:boundaryEvent id="b" attachedToRef="a" cancelActivity="false">${definition}</bpmn:boundaryEvent>
       <bpmn:endEvent id="e">${definition}</bpmn:endEvent>${end('done')}${flowsXml('s -> c -> t -> done', 'heard -> a -> e', 'b -> done')}`,
      root,
    );
    const cluster = new Cluster(2);
    cluster.deploy(process);
    cluster.start('p');
    cluster.run({ kind: 'broadcastSignal', name: 'alarm', variables: {} });
    // It woke the one, whose own signal was heard at the boundary of the other that it had started.
    expect(cluster.last('signal.settled').count).toBe(2);
    expect(path(cluster.events)).toEqual(expect.arrayContaining(['element.completed t', 'element.entered b']));
    cluster.completeJob({}, cluster.jobs()[0]);
    expect(cluster.all('signal.thrown').map(({ elementId }) => elementId)).toEqual(['t', 'e']);
  });

  it('multi-instance: parallel over a collection, sequential by cardinality, and a loop', async () => {
    const task = (id: string, loop: string): string =>
      `<bpmn:serviceTask id="${id}"><bpmn:extensionElements><zeebe:taskDefinition type="${id}"/></bpmn:extensionElements>${loop}</bpmn:serviceTask>`;
    const formal = (name: string, text: string): string =>
      `<bpmn:${name} xsi:type="bpmn:tFormalExpression">${text}</bpmn:${name}>`;
    const parallel = `<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="=items" inputElement="item" outputCollection="results" outputElement="=result"/></bpmn:extensionElements>${formal('completionCondition', '=result = "stop"')}</bpmn:multiInstanceLoopCharacteristics>`;
    const sequential = `<bpmn:multiInstanceLoopCharacteristics isSequential="true">${formal('loopCardinality', '=2')}</bpmn:multiInstanceLoopCharacteristics>`;
    const loop = `<bpmn:standardLoopCharacteristics testBefore="true" loopMaximum="5">${formal('loopCondition', '=n &lt; 2')}</bpmn:standardLoopCharacteristics>`;
    const process = await readXml(
      `<bpmn:startEvent id="s"/>${task('a', parallel)}${task('b', sequential)}${task('c', loop)}${end('e')}${flowsXml('s -> a -> b -> c -> e')}`,
    );
    const cluster = new Cluster().install(process);
    const id = cluster.start('p', { items: [1, 2], n: 0 });
    for (const offered of cluster.jobs()) cluster.completeJob({ result: 'go' }, offered);
    for (const n of [0, 0, 1, 2]) cluster.completeJob({ n });
    expect(cluster.jobs().map(({ type }) => type)).toEqual(['a', 'a', 'b', 'b', 'c', 'c']);
    expect(cluster.lastJob().variables).toEqual({ items: [1, 2], results: ['go', 'go'], n: 1, loopCounter: 2 });
    expect(cluster.all('instance.completed')).toHaveLength(1);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('conditional events: caught, at a boundary, and starting an event sub-process', async () => {
    const definition = (text: string, filter = ''): string =>
      `<bpmn:conditionalEventDefinition>${filter}<bpmn:condition xsi:type="bpmn:tFormalExpression">=${text}</bpmn:condition></bpmn:conditionalEventDefinition>`;
    const filter =
      '<bpmn:extensionElements><zeebe:conditionalFilter variableNames="z, y" variableEvents="create, update"/></bpmn:extensionElements>';
    const process = await readXml(
      `<bpmn:startEvent id="s"/><bpmn:intermediateCatchEvent id="c">${definition('x &gt; 1')}</bpmn:intermediateCatchEvent>${jobXml('a')}
       <bpmn:boundaryEvent id="b" attachedToRef="a">${definition('y', filter)}</bpmn:boundaryEvent>
       <bpmn:subProcess id="sub" triggeredByEvent="true"><bpmn:startEvent id="is" isInterrupting="false">${definition('x &gt; 2')}</bpmn:startEvent>${end('ie')}${flowsXml('is -> ie')}</bpmn:subProcess>
       ${end('e')}${flowsXml('s -> c -> a -> e', 'b -> e')}`,
    );
    const cluster = new Cluster().install(process);
    const id = cluster.start('p');
    cluster.run({ kind: 'updateVariables', instanceId: id, variables: { x: 3 } });
    cluster.run({ kind: 'updateVariables', instanceId: id, variables: { y: true } });
    expect(
      cluster
        .all('condition.triggered')
        .map(({ elementId }) => elementId)
        .toSorted(),
    ).toEqual(['b', 'c', 'is']);
    expect(cluster.all('instance.completed')).toHaveLength(1);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('a business rule task with a decision, and one with a job', async () => {
    const rule = (id: string, extension: string): string =>
      `<bpmn:businessRuleTask id="${id}"><bpmn:extensionElements>${extension}</bpmn:extensionElements></bpmn:businessRuleTask>`;
    const process = await readXml(
      `<bpmn:startEvent id="s"/>${rule('a', '<zeebe:calledDecision decisionId="=which" resultVariable="answer"/>')}${rule('b', '<zeebe:taskDefinition type="rules"/>')}${end('e')}${flowsXml('s -> a -> b -> e')}`,
    );
    const cluster = new Cluster().install(process);
    cluster.start('p', { which: 'Nothing' });
    expect(cluster.last('incident.raised').message).toBe('expected the decision "Nothing" to be deployed');
    expect(process.elements['b']).toMatchObject({ kind: 'businessRuleTask', action: { kind: 'job' } });
  });

  it('messages thrown to running instances: by a send task, and by an event that refers to its message', async () => {
    const message =
      '<bpmn:message id="m-told" name="told"><bpmn:extensionElements><zeebe:subscription correlationKey="=key"/></bpmn:extensionElements></bpmn:message>';
    const extension = (text: string): string =>
      `<bpmn:extensionElements><millrace:message ${text} correlationKey="=key"/></bpmn:extensionElements>`;
    const process = await readXml(
      `<bpmn:startEvent id="s"/><bpmn:parallelGateway id="g"/>${catchMessage('told')}
       <bpmn:receiveTask id="again" messageRef="m-told"/>
       <bpmn:sendTask id="send">${extension('name="told" timeToLive="PT1M"')}</bpmn:sendTask>
       <bpmn:endEvent id="tell">${extension('')}<bpmn:messageEventDefinition messageRef="m-told"/></bpmn:endEvent>${end('e')}
       ${flowsXml('s -> g', 'g -> told -> again -> e', 'g -> send -> tell')}`,
      message,
    );
    const cluster = new Cluster(3).install(process);
    const id = cluster.start('p', { key: 'k' });
    expect(cluster.all('message.thrown').map(({ elementId, name }) => [elementId, name])).toEqual([
      ['send', 'told'],
      ['tell', 'told'],
    ]);
    expect(cluster.all('instance.completed').length + cluster.all('message.correlated').length).toBeGreaterThan(0);
    cluster.run({ kind: 'cancelInstance', instanceId: id });
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('a conditional start event, asked for', async () => {
    const process = await readXml(
      `<bpmn:startEvent id="s"><bpmn:conditionalEventDefinition><bpmn:condition xsi:type="bpmn:tFormalExpression">=x &gt; 1</bpmn:condition></bpmn:conditionalEventDefinition></bpmn:startEvent>${end('e')}${flowsXml('s -> e')}`,
    );
    const cluster = new Cluster(2);
    cluster.deploy(process);
    for (const x of [1, 2]) cluster.run({ kind: 'evaluateConditions', variables: { x } });
    expect(cluster.all('instance.completed')).toHaveLength(1);
  });
});
