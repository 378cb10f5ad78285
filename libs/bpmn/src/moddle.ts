import { type ModdleElement, type ModdleResult, many, one } from '@millrace/moddle';
import { BpmnModdle } from 'bpmn-moddle';
import zeebe from 'zeebe-bpmn-moddle/resources/zeebe.json' with { type: 'json' };
import millrace from '../resources/millrace.json' with { type: 'json' };

const moddle = new BpmnModdle({ zeebe, millrace });

/** Throws an error whose `warnings` say more when the text is not BPMN. */
export async function parseXml(xml: string): Promise<ModdleResult> {
  return (await moddle.fromXML(xml)) as ModdleResult;
}

/** All extension elements, of whatever namespace. */
export function extensions(element: ModdleElement): ModdleElement[] {
  const container = one(element, 'extensionElements');
  return container === undefined ? [] : many(container, 'values');
}

export function extension(element: ModdleElement, type: string): ModdleElement | undefined {
  return extensions(element).find((candidate) => candidate.$type === type);
}
