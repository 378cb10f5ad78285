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
  | 'form'
  | 'gateway'
  | 'action'
  | 'stage' // Stages, milestones, and where a token may go back to.
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

/** Of each severity: a file can be made to have any number of them, and who fixes these sees the next. */
export const PROBLEMS_MAX = 500;

/** Collects problems, so that a modeller sees all of them at once and not one per deployment. */
export class Problems {
  readonly #all: Problem[] = [];
  readonly #counts = { error: 0, warning: 0 };

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

  #add(element: ModdleElement | string | undefined, rule: Rule, message: string, severity: Problem['severity']): void {
    this.#counts[severity] += 1;
    if (this.#counts[severity] > PROBLEMS_MAX) return;
    const elementId = typeof element === 'string' ? element : element?.id;
    this.#all.push({ ...(elementId === undefined ? {} : { elementId }), rule, message, severity });
  }
}

function tooMany(severity: Problem['severity'], count: number): Problem {
  const message = `expected at most ${PROBLEMS_MAX} ${severity}s to be told, found ${count} more`;
  return { rule: 'too-large', message, severity };
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
