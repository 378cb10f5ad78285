import { ClientError } from './client-error.ts';
import type { Environment } from './options.ts';

/** Waits between tries: twice as long each time up to a maximum, and somewhat at random so that clients do not march in step. */
export class Backoff {
  readonly #environment: Environment;
  #delayMs: number;

  constructor(environment: Environment) {
    this.#environment = environment;
    this.#delayMs = environment.limits.backoffMsMin;
  }

  reset(): void {
    this.#delayMs = this.#environment.limits.backoffMsMin;
  }

  wait(): Promise<void> {
    const { clock, random, limits } = this.#environment;
    const delayMs = this.#delayMs * (0.75 + random.fraction() / 2);
    this.#delayMs = Math.min(this.#delayMs * 2, limits.backoffMsMax);
    return new Promise((resolve) => void clock.after(delayMs, resolve));
  }
}

/** Tries until it works, until an error that does not pass, or until the time for retries is over. */
export async function retrying<T>(
  environment: Environment,
  attempt: () => Promise<T>,
  isStillWanted: () => boolean = () => true,
): Promise<T> {
  const deadline = environment.clock.monotonic() + environment.limits.retryMs;
  const backoff = new Backoff(environment);
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const mayPass = error instanceof ClientError && error.retriable && isStillWanted();
      if (!mayPass || environment.clock.monotonic() >= deadline) throw error;
      await backoff.wait();
    }
  }
}
