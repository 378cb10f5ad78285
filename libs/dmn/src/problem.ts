import type { ModdleElement } from './moddle.ts';

/** One thing wrong with a decision model. `rule` is stable and for machines, `message` is a sentence for the modeller. */
export interface Problem {
  /** The element to mark in the modeller; absent when the file as a whole is meant. */
  readonly elementId?: string;
  readonly rule: Rule;
  readonly message: string;
  /** A model with an error cannot be deployed. */
  readonly severity: 'error' | 'warning';
}

export type Rule =
  | 'xml' // Not XML, or XML that is not DMN.
  | 'too-large'
  | 'too-deep'
  | 'document-type' // A DOCTYPE, which could declare entities.
  | 'unknown-content' // An element or attribute that DMN does not have.
  | 'not-supported'
  | 'no-decision'
  | 'id' // Missing, twice, or reserved.
  | 'name' // Missing, or used twice among what FEEL would see by it.
  | 'reference' // Something is referred to that is not there.
  | 'cycle' // A decision that requires itself.
  | 'logic' // A decision or a boxed expression that lacks a part.
  | 'table'
  | 'type'
  | 'expression'; // A syntax error in FEEL.

/** Collects problems, so that a modeller sees all of them at once and not one per deployment. */
export class Problems {
  readonly #all: Problem[] = [];

  error(element: ModdleElement | string | undefined, rule: Rule, message: string): void {
    this.#add(element, rule, message, 'error');
  }

  warning(element: ModdleElement | string | undefined, rule: Rule, message: string): void {
    this.#add(element, rule, message, 'warning');
  }

  all(): readonly Problem[] {
    return this.#all;
  }

  haveErrors(): boolean {
    return this.#all.some((problem) => problem.severity === 'error');
  }

  #add(element: ModdleElement | string | undefined, rule: Rule, message: string, severity: Problem['severity']): void {
    const elementId = typeof element === 'string' ? element : element === undefined ? undefined : nearestId(element);
    this.#all.push({ ...(elementId === undefined ? {} : { elementId }), rule, message, severity });
  }
}

/** Many parts of DMN need no id; then the nearest element around it that has one is what a modeller can find. */
function nearestId(element: ModdleElement): string | undefined {
  for (let at: ModdleElement | undefined = element; at !== undefined; at = at.$parent) {
    if (at.id !== undefined) return at.id;
  }
  return undefined;
}

/** An element as a modeller knows it: `decision "Risk level"`. */
export function describe(element: ModdleElement): string {
  const kind = element.$type
    .replace(/^\w+:/, '')
    .replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter}`)
    .toLowerCase();
  const label = element.name ?? element.id;
  return label === undefined ? kind : `${kind} "${label.replaceAll(/\s+/g, ' ')}"`;
}
