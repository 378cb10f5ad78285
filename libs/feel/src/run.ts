import type { Warning } from './failure.ts';
import type { FeelType } from './types.ts';

/**
 * One evaluation: what it may know of the world, what it has used up, and what it has to say.
 *
 * B1. Every loop, call, copy of a list and text made is paid for before it is done, so that an evaluation ends after a bounded
 *     number of steps with bounded memory, and always after the same number.
 */
export class Run {
  /** What `now()` and `today()` answer, in ms since the epoch. */
  readonly now: number;
  /** Its owner may take them away; then there is room for more. */
  warnings: Warning[] = [];
  #stepsLeft = STEPS_MAX;
  #charactersLeft = CHARACTERS_MAX;
  #depth = 0;

  /** The types of the model, by name. */
  readonly typeNamed: (name: string) => FeelType | undefined;

  constructor(now: number, typeNamed: (name: string) => FeelType | undefined = () => undefined) {
    this.now = now;
    this.typeNamed = typeNamed;
  }

  /** Before `steps` items are visited, made or copied. */
  spend(steps: number): void {
    this.#stepsLeft -= steps;
    if (this.#stepsLeft < 0) throw new TooMuch(`expected it to end within ${STEPS_MAX} steps`);
  }

  /** Before a text of this length is made. */
  spendText(characters: number): void {
    this.#charactersLeft -= characters;
    if (this.#charactersLeft < 0) throw new TooMuch(`expected it to make at most ${CHARACTERS_MAX} characters of text`);
  }

  /** Around the body of a function. */
  within<T>(body: () => T): T {
    this.spend(1);
    if (this.#depth >= CALL_DEPTH_MAX) throw new TooMuch(`expected calls nested at most ${CALL_DEPTH_MAX} deep`);
    this.#depth += 1;
    try {
      return body();
    } finally {
      this.#depth -= 1;
    }
  }

  warn(kind: string, message: string, position?: Warning['position']): null {
    if (this.warnings.length < WARNINGS_MAX) {
      this.warnings.push({ kind, message, ...(position === undefined ? undefined : { position }) });
    }
    return null;
  }
}

/** A million steps take some 50 to 100 ms. */
const STEPS_MAX = 1_000_000;
const CHARACTERS_MAX = 4_000_000;
const CALL_DEPTH_MAX = 200;
/** More say nothing new: they come from a loop. */
const WARNINGS_MAX = 20;

/** Ends everything that is being evaluated, told already: thrown by functions that a caller passes in. */
export class Ended extends Error {}

/** A bound of the evaluation is reached: a failure, unlike what is wrong with a value, which is null. */
export class TooMuch extends Error {}
