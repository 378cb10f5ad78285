import { apis } from '@millrace/wire';
import type { RequestHeader } from '../exchange.ts';
import type { Parts } from '../parts.ts';
import type { QuotaUser } from './quotas.ts';

/** Of what this thread does in a second, request_percentage is so many ms. */
const MS_PER_PERCENT = 10;

/** What one request takes of the quotas of its client. Each step returns for how many ms the client should then be left alone. */
export class RequestMeter {
  readonly #parts: Parts;
  readonly #user: QuotaUser;
  readonly #apiKey: number;
  readonly #startedAt: number;
  #isTimed = false;

  constructor(parts: Parts, principal: string, { apiKey, clientId }: RequestHeader) {
    this.#parts = parts;
    this.#user = { principal, clientId };
    this.#apiKey = apiKey;
    this.#startedAt = this.#now();
  }

  received(bytes: number): number {
    return this.#apiKey === apis.produce.key ? this.#use('producer_byte_rate', bytes) : 0;
  }

  answered(chunks: readonly Buffer[]): number {
    const time = this.#timed();
    if (this.#apiKey !== apis.fetch.key) return time;
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    return Math.max(time, this.#use('consumer_byte_rate', bytes));
  }

  /** Of one that waits for something only the beginning is measured: who waits takes no time. */
  returned(): number {
    return this.#timed();
  }

  /** Once: an answer at once is told what its making has taken so far. */
  #timed(): number {
    if (this.#isTimed) return 0;
    this.#isTimed = true;
    return this.#use('request_percentage', (this.#now() - this.#startedAt) / MS_PER_PERCENT);
  }

  #use(kind: Parameters<Parts['quotas']['use']>[0], amount: number): number {
    return this.#parts.quotas.use(kind, amount, this.#user, this.#now());
  }

  #now(): number {
    return this.#parts.config.clock.monotonic();
  }
}
