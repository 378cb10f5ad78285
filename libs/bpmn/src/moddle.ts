import { BpmnModdle } from 'bpmn-moddle';
import zeebe from 'zeebe-bpmn-moddle/resources/zeebe.json' with { type: 'json' };
import millrace from '../resources/millrace.json' with { type: 'json' };

/** An element as bpmn-moddle reads it. Its own types describe every property of BPMN as present: what comes from a file
 *  a user wrote is read through the functions below instead, which expect nothing. */
export interface ModdleElement {
  readonly $type: string;
  readonly id?: string;
  readonly name?: string;
  readonly $parent?: ModdleElement;
  get(property: string): unknown;
}

export interface ModdleWarning {
  readonly message: string;
  readonly element?: ModdleElement;
  readonly property?: string;
  readonly value?: string;
}

export interface ModdleResult {
  readonly rootElement: ModdleElement;
  readonly warnings: readonly ModdleWarning[];
}

const moddle = new BpmnModdle({ zeebe, millrace });

/** Throws an error whose `warnings` say more when the text is not BPMN. */
export async function parseXml(xml: string): Promise<ModdleResult> {
  return (await moddle.fromXML(xml)) as ModdleResult;
}

/** A text attribute, trimmed; undefined when it is absent or blank. */
export function text(element: ModdleElement, property: string): string | undefined {
  const value = element.get(property);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

/** A single element: a child or a resolved reference. */
export function one(element: ModdleElement, property: string): ModdleElement | undefined {
  const value = element.get(property);
  return isElement(value) ? value : undefined;
}

export function many(element: ModdleElement, property: string): ModdleElement[] {
  const value = element.get(property);
  return Array.isArray(value) ? value.filter(isElement) : [];
}

/** All extension elements, of whatever namespace. */
export function extensions(element: ModdleElement): ModdleElement[] {
  const container = one(element, 'extensionElements');
  return container === undefined ? [] : many(container, 'values');
}

export function extension(element: ModdleElement, type: string): ModdleElement | undefined {
  return extensions(element).find((candidate) => candidate.$type === type);
}

function isElement(value: unknown): value is ModdleElement {
  return typeof value === 'object' && value !== null && '$type' in value;
}
