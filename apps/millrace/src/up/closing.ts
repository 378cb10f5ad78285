import { messageOf } from '@millrace/std';
import type { Logger } from 'pino';

/** A part that has not closed by then is left behind: who stops a server must not wait for ever, and the log survives anything. */
const CLOSE_MS_MAX = 20_000;

/** What has been started, to be ended in the opposite order, each whatever became of the others. */
export class Closing {
  readonly #logger: Logger;
  readonly #steps: { readonly name: string; readonly close: () => Promise<void> | void }[] = [];
  #closed: Promise<boolean> | undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  get hasBegun(): boolean {
    return this.#closed !== undefined;
  }

  /** Of a part that has just been started. While all is being closed it is closed with the rest, and there is no going on: this throws. */
  add(name: string, close: () => Promise<void> | void): void {
    this.#steps.push({ name, close });
    if (this.hasBegun) throw new Error(`stopped while ${name} was starting`);
  }

  /** Whether everything ended as it should. Calling again waits for the same end. */
  run(): Promise<boolean> {
    this.#closed ??= this.#run();
    return this.#closed;
  }

  async #run(): Promise<boolean> {
    let isClean = true;
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      const { name, close } = step;
      try {
        await within(CLOSE_MS_MAX, close());
      } catch (error) {
        isClean = false;
        this.#logger.error({ part: name, error: messageOf(error) }, 'a part did not close cleanly');
      }
    }
    return isClean;
  }
}

async function within(timeoutMs: number, closing: Promise<void> | void): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`expected it to close within ${timeoutMs} ms`)), timeoutMs);
  try {
    await Promise.race([closing, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
