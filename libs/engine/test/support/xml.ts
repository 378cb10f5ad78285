import { type ExecutableProcess, readModel } from '@millrace/bpmn';
import { checkExpression, checkTimer } from '@millrace/feel';

/** BPMN as Camunda Modeler writes it, less what only the eye needs. */

const namespaces = `xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
  xmlns:millrace="http://millrace.dev/schema/1.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"`;

/** A process `p` with the given flow elements, and root elements (messages, signals) beside it. */
export async function readXml(flowElements: string, rootElements = ''): Promise<ExecutableProcess> {
  const xml = `<bpmn:definitions ${namespaces} id="d" targetNamespace="test">
    <bpmn:process id="p" isExecutable="true">${flowElements}</bpmn:process>${rootElements}</bpmn:definitions>`;
  const { processes, problems } = await readModel(xml, { checkExpression, checkTimer });
  const [process] = processes;
  if (process === undefined || problems.some(({ severity }) => severity === 'error'))
    throw new Error(`expected no problems: ${JSON.stringify(problems)}`);
  return process;
}

/** `'a -> b [condition]'` as sequence flows; a flow is called `a-b`. */
export function flowsXml(...lines: readonly string[]): string {
  return lines
    .flatMap((line) => {
      const [, path = '', condition] = /^([^[]+?)(?:\[(.+)\])?$/.exec(line.trim()) ?? [];
      const stops = path.split('->').map((stop) => stop.trim());
      return stops.slice(1).map((target, at) => flowXml(stops[at] ?? '', target, condition));
    })
    .join('');
}

function flowXml(source: string, target: string, condition: string | undefined): string {
  const expression =
    condition === undefined
      ? ''
      : `<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">=${condition}</bpmn:conditionExpression>`;
  return `<bpmn:sequenceFlow id="${source}-${target}" sourceRef="${source}" targetRef="${target}">${expression}</bpmn:sequenceFlow>`;
}

export function jobXml(id: string, type = id, more = ''): string {
  const extensions = `<bpmn:extensionElements><zeebe:taskDefinition type="${type}"/></bpmn:extensionElements>`;
  return `<bpmn:serviceTask id="${id}" ${more}>${extensions}</bpmn:serviceTask>`;
}
