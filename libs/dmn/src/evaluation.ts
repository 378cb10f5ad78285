import { Ended, type FeelType, type Outcome, Run, coerce, evaluateIn, show } from '@millrace/feel';
import { Frame } from './frame.ts';
import { ModelTypes } from './model-types.ts';
import type { DecisionModel } from './model.ts';
import { type DecisionTrace, type TableTrace, traceBounds } from './trace.ts';

/** What is done about a rule of the model that the values break: too many rules fired, a value of another type. */
export type OnViolation = 'fail' | 'null';

/** Ends the evaluation: a bound was hit, or the model was violated and is not to go on with null. */
export class Abort extends Ended {}

export type Notes = Pick<DecisionTrace, 'tables' | 'warnings'>;

/** Tables looked into by one decision that its trace tells of: a knowledge model may be called in a loop. */
const TABLES_TRACED_MAX = 100;

/** One evaluation of a model: its steps, its types, and the tables that the decision at hand has looked into. */
export class Evaluation {
  readonly model: DecisionModel;
  readonly run: Run;
  readonly types: ModelTypes;
  readonly onViolation: OnViolation;
  readonly traceLeft = traceBounds();
  #tables: TableTrace[] = [];

  constructor(model: DecisionModel, now: number, onViolation: OnViolation) {
    this.model = model;
    this.onViolation = onViolation;
    this.types = new ModelTypes(model, () => this.run);
    this.run = new Run(now, (name) => this.types.named(name));
  }

  /** The value of a FEEL text. One that cannot be read is null, as all that fails in FEEL. */
  feel(text: string, frame: Frame): unknown {
    return this.#settle(evaluateIn(text, 'expression', frame.scope, frame.names, this.run));
  }

  /** Whether a value passes unary tests. */
  passes(tests: string, value: unknown, frame: Frame): boolean {
    if (tests === '-') return true;
    const scope = frame.scope.within({ '?': value ?? null });
    return this.#settle(evaluateIn(tests, 'unaryTests', scope, frame.names, this.run)) === true;
  }

  /** As FEEL's `sum`. */
  sum(values: readonly unknown[]): unknown {
    const frame = new Frame({ values });
    return this.feel('sum(values)', frame);
  }

  #settle(outcome: Outcome): unknown {
    if ('value' in outcome) return outcome.value;
    if (outcome.isBound) throw new Abort(outcome.failure.message);
    return this.run.warn('NOT_READABLE', outcome.failure.message, outcome.failure.position);
  }

  /** The value as the type wants it; otherwise a violation. `what` begins a sentence's second half: "the result of …". */
  typed(value: unknown, type: FeelType, what: string, typeName: string): unknown {
    const fitting = coerce(value, type, this.run);
    return fitting === undefined ? this.mismatched(value, what, typeName) : fitting;
  }

  mismatched(value: unknown, what: string, typeName: string): null {
    return this.violated('TYPE_MISMATCH', `expected ${what} to be of type ${typeName}, found ${show(value)}`);
  }

  violated(kind: string, message: string): null {
    if (this.onViolation === 'fail') throw new Abort(message);
    return this.run.warn(kind, message);
  }

  lookedInto(table: TableTrace): void {
    if (this.#tables.length < TABLES_TRACED_MAX) this.#tables.push(table);
  }

  /** What the decision at hand has to tell; `next` is what another one had to tell that goes on now. */
  takeNotes(next: Notes = { tables: [], warnings: [] }): Notes {
    const notes = { tables: this.#tables, warnings: this.run.warnings };
    this.#tables = [...next.tables];
    this.run.warnings = [...next.warnings];
    return notes;
  }
}
