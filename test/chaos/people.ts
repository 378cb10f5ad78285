import { listTasksAnswer } from '@millrace/contract';
import type { Acknowledged } from './load.ts';

const PAUSE_MS = 100;
const SIGNAL_EVERY_MS = 500;
const AT_ONCE = 50;

/**
 * Whoever pays, approves and opens: what an instance waits for comes from outside, over REST, and whatever is not
 * acknowledged is asked again, as careful people do.
 */
export class People {
  readonly #url: string;
  readonly #runs: readonly Promise<void>[];
  #isStopping = false;

  /** @param orders those that were acknowledged; it grows */
  constructor(url: string, orders: readonly Acknowledged[]) {
    this.#url = url;
    this.#runs = [this.#pay(orders), this.#approve(), this.#open()];
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.#runs);
  }

  /** A message for each order, once: under its id it is taken once, however often it is sent. */
  async #pay(orders: readonly Acknowledged[]): Promise<void> {
    let paid = 0;
    while (!this.#isStopping) {
      const due = orders.slice(paid, paid + AT_ONCE);
      await Promise.all(
        due.map(({ idempotencyKey: order }) =>
          this.#untilTaken('/api/messages', {
            name: 'paid',
            correlationKey: order,
            messageId: order,
            timeToLive: '60m',
          }),
        ),
      );
      paid += due.length;
      if (due.length === 0) await pause(PAUSE_MS);
    }
  }

  async #approve(): Promise<void> {
    while (!this.#isStopping) {
      const response = await fetch(`${this.#url}/api/tasks?state=CREATED&limit=${AT_ONCE}`).catch(() => undefined);
      const answer = response?.ok === true ? await response.json().catch(() => undefined) : undefined;
      const { items } = listTasksAnswer.catch({ items: [] }).parse(answer);
      await Promise.all(items.map(({ id }) => this.#untilTaken(`/api/tasks/${id}/complete`, {})));
      if (items.length === 0) await pause(PAUSE_MS);
    }
  }

  async #open(): Promise<void> {
    while (!this.#isStopping) {
      await this.#post('/api/signals', { name: 'open' });
      await pause(SIGNAL_EVERY_MS);
    }
  }

  /** A refusal says that it has been done: the answer to the first time was lost. */
  async #untilTaken(path: string, body: object): Promise<void> {
    while (!this.#isStopping) {
      const status = await this.#post(path, body);
      if (status !== undefined && status < 500) return;
      await pause(PAUSE_MS);
    }
  }

  async #post(path: string, body: object): Promise<number | undefined> {
    try {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(this.#url + path, { method: 'POST', headers, body: JSON.stringify(body) });
      await response.body?.cancel();
      return response.status;
    } catch {
      return undefined;
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}
