/** A BPMN file with one process of these elements; flows are written `from -> to`. */
export function bpmn(processId: string, elements: string, flows: readonly string[], definitions = ''): string {
  const sequence = flows.map((flow, index) => {
    const [source, target] = flow.split(' -> ');
    return `<bpmn:sequenceFlow id="f${index}" sourceRef="${source}" targetRef="${target}" />`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
  xmlns:millrace="http://millrace.dev/schema/1.0" targetNamespace="http://millrace.dev/test" id="d">
  ${definitions}
  <bpmn:process id="${processId}" isExecutable="true">
    <bpmn:startEvent id="start" />
    ${elements}
    <bpmn:endEvent id="end" />
    ${sequence.join('\n    ')}
  </bpmn:process>
</bpmn:definitions>`;
}

export function serviceTask(id: string, type: string, attributes = ''): string {
  return `<bpmn:serviceTask id="${id}"><bpmn:extensionElements><zeebe:taskDefinition type="${type}" ${attributes}/></bpmn:extensionElements></bpmn:serviceTask>`;
}

export function timerCatch(id: string, duration: string): string {
  return `<bpmn:intermediateCatchEvent id="${id}"><bpmn:timerEventDefinition><bpmn:timeDuration xsi:type="bpmn:tFormalExpression" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">${duration}</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>`;
}

/** Start, one service task, end. */
export function oneTask(processId: string, type: string): string {
  return bpmn(processId, serviceTask('work', type), ['start -> work', 'work -> end']);
}

/** Start, wait for a message by the variable `order`, end. */
export function waitsForMessage(processId: string, name: string): string {
  return bpmn(
    processId,
    '<bpmn:receiveTask id="wait" messageRef="m" />',
    ['start -> wait', 'wait -> end'],
    `<bpmn:message id="m" name="${name}"><bpmn:extensionElements><zeebe:subscription correlationKey="=order" /></bpmn:extensionElements></bpmn:message>`,
  );
}
