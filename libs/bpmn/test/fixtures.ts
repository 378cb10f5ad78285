import type { TimerKind } from '../src/index.ts';
import { type ExecutableProcess, type Problem, readModel } from '../src/index.ts';

/** Stands in for FEEL and ISO 8601, which this lib gets passed in: an expression with `!` and a timer without digits are wrong. */
const checks = {
  checkExpression: (text: string): string | undefined => (text.includes('!') ? `wrong syntax in "${text}"` : undefined),
  checkTimer: (kind: TimerKind, text: string): string | undefined =>
    /\d/.test(text) ? undefined : `expected a ${kind}, found "${text}"`,
};

const namespaces = `xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
  xmlns:millrace="http://millrace.dev/schema/1.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"`;

export function definitions(content: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions ${namespaces} id="definitions" targetNamespace="test">${content}</bpmn:definitions>`;
}

/** A process with the given flow elements, and root elements beside it. */
export function model(flowElements: string, rootElements = ''): string {
  return definitions(`<bpmn:process id="p" name="P" isExecutable="true">${flowElements}</bpmn:process>${rootElements}`);
}

/** `start → {element} → end`. */
export function around(id: string, element: string, rootElements = ''): string {
  return model(
    `<bpmn:startEvent id="start"/>${element}<bpmn:endEvent id="end"/>${flow('f1', 'start', id)}${flow('f2', id, 'end')}`,
    rootElements,
  );
}

export function flow(id: string, source: string, target: string, condition?: string): string {
  const expression =
    condition === undefined
      ? ''
      : `<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">${condition}</bpmn:conditionExpression>`;
  return `<bpmn:sequenceFlow id="${id}" sourceRef="${source}" targetRef="${target}">${expression}</bpmn:sequenceFlow>`;
}

export function extended(content: string): string {
  return `<bpmn:extensionElements>${content}</bpmn:extensionElements>`;
}

export const paidMessage = `<bpmn:message id="m" name="paid">${extended('<zeebe:subscription correlationKey="=orderId"/>')}</bpmn:message>`;

export async function read(xml: string): Promise<ExecutableProcess> {
  const { processes, problems } = await readModel(xml, checks);
  const [process] = processes;
  if (process === undefined)
    throw new Error(`expected a model without errors, found ${JSON.stringify(problems, null, 1)}`);
  return process;
}

export async function problemsOf(xml: string): Promise<readonly Problem[]> {
  return (await readModel(xml, checks)).problems;
}
