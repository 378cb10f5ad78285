import type { ModdleElement } from './moddle.ts';

/** One thing wrong with a model. `rule` is stable and for machines, `message` is a sentence for the modeller. */
export interface Problem {
  /** The element to mark in the modeller; absent when the file as a whole is meant. */
  readonly elementId?: string;
  readonly rule: Rule;
  readonly message: string;
  /** A model with an error cannot be deployed. */
  readonly severity: 'error' | 'warning';
}

export type Rule =
  | 'xml' // Not XML, or XML that is not BPMN 2.0.
  | 'too-large'
  | 'document-type' // A DOCTYPE, which could declare entities.
  | 'no-executable-process'
  | 'unknown-content' // An element or attribute that BPMN does not have.
  | 'not-supported' // BPMN that the engine does not execute yet.
  | 'id' // Missing, twice, or reserved.
  | 'reference' // Something is referred to that is not there.
  | 'start-event'
  | 'flow' // Sequence flows that BPMN does not allow here.
  | 'condition'
  | 'decision'
  | 'event-definition'
  | 'gateway'
  | 'link'
  | 'loop'
  | 'boundary'
  | 'message'
  | 'timer'
  | 'error-code'
  | 'escalation-code'
  | 'job'
  | 'call'
  | 'compensation'
  | 'cancel'
  | 'publish'
  | 'receive'
  | 'script'
  | 'signal'
  | 'mapping'
  | 'expression' // A syntax error in FEEL.
  | 'unreachable'
  | 'dead-end' // A token ends, and no end event says that it should.
  | 'no-default'
  | 'endless-loop'
  | 'message-key';

/** Collects problems, so that a modeller sees all of them at once and not one per deployment. */
export class Problems {
  readonly #all: Problem[] = [];

  error(element: ModdleElement | string | undefined, rule: Rule, message: string): void {
    this.#add(element, rule, message, 'error');
  }

  warning(element: ModdleElement | string | undefined, rule: Rule, message: string): void {
    this.#add(element, rule, message, 'warning');
  }

  /** Whether a problem of this kind has been told about the element: what follows from it need not be told again. */
  has(element: ModdleElement, rule: Rule): boolean {
    return this.#all.some((problem) => problem.elementId === element.id && problem.rule === rule);
  }

  all(): readonly Problem[] {
    return this.#all;
  }

  haveErrors(): boolean {
    return this.#all.some((problem) => problem.severity === 'error');
  }

  #add(element: ModdleElement | string | undefined, rule: Rule, message: string, severity: Problem['severity']): void {
    const elementId = typeof element === 'string' ? element : element?.id;
    this.#all.push({ ...(elementId === undefined ? {} : { elementId }), rule, message, severity });
  }
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
