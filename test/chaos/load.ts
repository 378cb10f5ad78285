import { randomUUID } from 'node:crypto';
import type { StartAnswer } from '@millrace/contract';

/** A start that was acknowledged: what must now complete, exactly once. */
export interface Acknowledged {
  readonly idempotencyKey: string;
  readonly processInstanceUuid: string;
}

/**
 * Starts instances through REST as fast as the server answers, with so many callers at once. A call that fails in any
 * way is repeated with its Idempotency-Key until it is acknowledged, as a careful client does.
 */
export class Load {
  readonly acknowledged: Acknowledged[] = [];
  repeats = 0;
  readonly #url: string;
  readonly #callers: Promise<void>[];
  #isStopping = false;

  constructor(url: string, callers: number) {
    this.#url = url;
    this.#callers = Array.from({ length: callers }, () => this.#call());
  }

  /** No new starts; those under way are repeated until they are acknowledged. The server must be up. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.#callers);
  }

  async #call(): Promise<void> {
    while (!this.#isStopping) {
      const idempotencyKey = randomUUID();
      let answer = await this.#start(idempotencyKey);
      while (answer === undefined) {
        this.repeats += 1;
        await new Promise((resolve) => setTimeout(resolve, 20));
        answer = await this.#start(idempotencyKey);
      }
      this.acknowledged.push({ idempotencyKey, processInstanceUuid: answer.processInstanceUuid });
    }
  }

  async #start(idempotencyKey: string): Promise<StartAnswer | undefined> {
    try {
      const response = await fetch(this.#url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
        body: JSON.stringify({ order: idempotencyKey }),
      });
      if (response.ok) return (await response.json()) as StartAnswer;
      // 4xx would be repeated for ever: the server refuses what it must take.
      if (response.status < 500) throw new Refused(`${response.status}: ${await response.text()}`);
      await response.body?.cancel();
    } catch (error) {
      if (error instanceof Refused) throw error;
    }
    return undefined;
  }
}

class Refused extends Error {}
