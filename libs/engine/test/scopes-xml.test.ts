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
