import type { Clock } from '@millrace/std';

/** Something that is done again and again, with a pause of the given length between the end of one run and the next. */
export class Routine {
  readonly #clock: Clock;
  readonly #pauseMs: number;
  readonly #run: () => Promise<void>;
  #running: Promise<void> = Promise.resolve();
  #cancel: () => void = () => {};
  #isStopped = false;

  constructor(clock: Clock, pauseMs: number, run: () => Promise<void>) {
    this.#clock = clock;
    this.#pauseMs = pauseMs;
    this.#run = run;
    this.#schedule();
  }

  /** Resolves when the run that is under way has ended; there is none after it. */
  stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    return this.#running;
  }

  #schedule(): void {
    if (this.#isStopped) return;
    this.#cancel = this.#clock.after(this.#pauseMs, () => {
      this.#running = this.#run().finally(() => this.#schedule());
    });
  }
}
