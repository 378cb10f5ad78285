/** A BPMN file with one process of these elements; flows are written `from -> to`. */
export function bpmn(processId: string, elements: string, flows: readonly string[], definitions = ''): string {
  const sequence = flows.map((flow, index) => {
    const [source, target] = flow.split(' -> ');
    return `<bpmn:sequenceFlow id="f${index}" sourceRef="${source}" targetRef="${target}" />`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="http://millrace.dev/test" id="d">
  ${definitions}
  <bpmn:process id="${processId}" name="Test of ${processId}" isExecutable="true">
    <bpmn:startEvent id="start" />
    ${elements}
    <bpmn:endEvent id="end" />
    ${sequence.join('\n    ')}
  </bpmn:process>
</bpmn:definitions>`;
}

export const oneTask = (processId: string, type: string, attributes = ''): string =>
  bpmn(
    processId,
    `<bpmn:serviceTask id="work" name="Do the work"><bpmn:extensionElements><zeebe:taskDefinition type="${type}" ${attributes}/></bpmn:extensionElements></bpmn:serviceTask>`,
    ['start -> work', 'work -> end'],
  );

export const userTask = (processId: string): string =>
  bpmn(
    processId,
    `<bpmn:userTask id="review" name="Review it"><bpmn:extensionElements><zeebe:userTask /><zeebe:assignmentDefinition candidateGroups="clerks" /></bpmn:extensionElements></bpmn:userTask>`,
    ['start -> review', 'review -> end'],
  );

export const waitsForMessage = (processId: string, name: string): string =>
  bpmn(
    processId,
    '<bpmn:receiveTask id="wait" messageRef="m" />',
    ['start -> wait', 'wait -> end'],
    `<bpmn:message id="m" name="${name}"><bpmn:extensionElements><zeebe:subscription correlationKey="=order" /></bpmn:extensionElements></bpmn:message>`,
  );

export const passThrough = (processId: string): string =>
  bpmn(processId, '<bpmn:task id="pass" />', ['start -> pass', 'pass -> end']);

export const waitsForSignal = (processId: string, name: string): string =>
  bpmn(
    processId,
    '<bpmn:intermediateCatchEvent id="hear"><bpmn:signalEventDefinition signalRef="sig" /></bpmn:intermediateCatchEvent>',
    ['start -> hear', 'hear -> end'],
    `<bpmn:signal id="sig" name="${name}" />`,
  );

export const startsByCondition = (processId: string, condition: string): string =>
  bpmn(
    processId,
    `<bpmn:startEvent id="hot"><bpmn:conditionalEventDefinition><bpmn:condition>=${condition.replace('>', '&gt;')}</bpmn:condition></bpmn:conditionalEventDefinition></bpmn:startEvent><bpmn:task id="cool" />`,
    ['start -> end', 'hot -> cool', 'cool -> end'],
  );
