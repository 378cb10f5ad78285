/**
 * An element as moddle reads it. The types of its dialects describe every property as present: what comes from a file that a user wrote
 * is read through the functions below instead, which expect nothing.
 */
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

/** A text, trimmed; undefined when it is absent or blank. */
export function text(element: ModdleElement | undefined, property: string): string | undefined {
  const value = element?.get(property);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

/** A single element: a child or a resolved reference. */
export function one(element: ModdleElement | undefined, property: string): ModdleElement | undefined {
  const value = element?.get(property);
  return isElement(value) ? value : undefined;
}

export function many(element: ModdleElement | undefined, property: string): ModdleElement[] {
  const value = element?.get(property);
  return Array.isArray(value) ? value.filter(isElement) : [];
}

function isElement(value: unknown): value is ModdleElement {
  return typeof value === 'object' && value !== null && '$type' in value;
}
