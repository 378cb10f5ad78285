import { errors } from '@millrace/wire';

import { refused } from './client-error.ts';
import type { Environment } from './options.ts';

/**
 * Keeps a membership alive from the moment a member has its partitions until it joins anew: also while the application takes them over or
 * gives them back, which may take longer than a session.
 */
export class Heartbeats {
  readonly #environment: Environment;
  readonly #intervalMs: number;
  readonly #beat: () => Promise<number>;
  readonly #end = Promise.withResolvers<void>();
  #cancelWait: (() => void) | undefined;
  #isStopped = false;

  /** @param beat asks the coordinator; resolves with its error code */
  constructor(environment: Environment, intervalMs: number, beat: () => Promise<number>) {
    this.#environment = environment;
    this.#intervalMs = intervalMs;
    this.#beat = beat;
    // Nobody may be waiting yet when the membership is lost; whoever asks later is told.
    this.#end.promise.catch(() => {});
    void this.#run();
  }

  /** Resolves when the group rebalances or beating was stopped; rejects when the membership is lost. */
  get ended(): Promise<void> {
    return this.#end.promise;
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelWait?.();
    this.#end.resolve();
  }

  async #run(): Promise<void> {
    try {
      for (;;) {
        await this.#wait();
        if (this.#isStopped) return;
        const errorCode = await this.#beat();
        // The group waits for its members to come back; until this one does, it has to be heard of.
        if (errorCode === errors.REBALANCE_IN_PROGRESS.code) this.#end.resolve();
        else if (errorCode !== 0) throw refused(errorCode, 'keep a membership');
      }
    } catch (error) {
      this.#end.reject(error);
    }
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#environment.clock.after(this.#intervalMs, resolve);
      this.#cancelWait = () => {
        cancel();
        resolve();
      };
    });
  }
}
