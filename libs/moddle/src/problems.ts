import type { ModdleElement } from './element.ts';

/** One thing wrong with a model. `rule` is stable and for machines, `message` is a sentence for the modeller. */
export interface Problem<Rule extends string = string> {
  /** The element to mark in the modeller; absent when the file as a whole is meant. */
  readonly elementId?: string;
  readonly rule: Rule | FileRule;
  readonly message: string;
  /** A model with an error cannot be deployed. */
  readonly severity: 'error' | 'warning';
}

/** What may be wrong with any file. */
export type FileRule =
  | 'xml' // Not XML, or XML of something else.
  | 'too-large'
  | 'document-type'; // A DOCTYPE, which could declare entities.

/** Of each severity: a file can be made to have any number of them, and who fixes these sees the next. */
export const PROBLEMS_MAX = 500;

/** Collects problems, so that a modeller sees all of them at once and not one per deployment. */
export class Problems<Rule extends string = string> {
  readonly #all: Problem<Rule>[] = [];
  readonly #counts = { error: 0, warning: 0 };
  readonly #locate: (element: ModdleElement) => string | undefined;

  /** `locate`: which id a modeller is to look for. */
  constructor(locate: (element: ModdleElement) => string | undefined = ({ id }) => id) {
    this.#locate = locate;
  }

  error(element: ModdleElement | string | undefined, rule: Rule | FileRule, message: string): void {
    this.#add(element, rule, message, 'error');
  }

  warning(element: ModdleElement | string | undefined, rule: Rule | FileRule, message: string): void {
    this.#add(element, rule, message, 'warning');
  }

  /** Whether a problem of this kind has been told about the element: what follows from it need not be told again. */
  has(element: ModdleElement, rule: Rule): boolean {
    return this.#all.some((problem) => problem.elementId === this.#locate(element) && problem.rule === rule);
  }

  all(): readonly Problem<Rule>[] {
    const severities = ['error', 'warning'] as const;
    const more = severities.filter((severity) => this.#counts[severity] > PROBLEMS_MAX);
    return [...this.#all, ...more.map((severity) => tooMany(severity, this.#counts[severity] - PROBLEMS_MAX))];
  }

  /** How many there have been so far, those left out among them. */
  get count(): number {
    return this.#counts.error + this.#counts.warning;
  }

  haveErrors(): boolean {
    return this.#counts.error > 0;
  }

  #add(
    element: ModdleElement | string | undefined,
    rule: Rule | FileRule,
    message: string,
    severity: Problem['severity'],
  ): void {
    this.#counts[severity] += 1;
    if (this.#counts[severity] > PROBLEMS_MAX) return;
    const elementId = typeof element === 'string' ? element : element === undefined ? undefined : this.#locate(element);
    this.#all.push({ ...(elementId === undefined ? {} : { elementId }), rule, message, severity });
  }
}

function tooMany(severity: Problem['severity'], count: number): Problem<never> {
  const message = `expected at most ${PROBLEMS_MAX} ${severity}s to be told, found ${count} more`;
  return { rule: 'too-large', message, severity };
}

/** Many parts of a model need no id; then the nearest element around it that has one is what a modeller can find. */
export function nearestId(element: ModdleElement): string | undefined {
  for (let at: ModdleElement | undefined = element; at !== undefined; at = at.$parent) {
    if (at.id !== undefined) return at.id;
  }
  return undefined;
}

/** An element as a modeller knows it: `service task "Check credit"`. */
export function describe(element: ModdleElement): string {
  const kind = element.$type
    .replace(/^\w+:/, '')
    .replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter}`)
    .toLowerCase()
    .replace('sub process', 'sub-process')
    .replace('ad hoc', 'ad-hoc');
  const label = element.name ?? element.id;
  return label === undefined ? kind : `${kind} "${label.replaceAll(/\s+/g, ' ')}"`;
}
