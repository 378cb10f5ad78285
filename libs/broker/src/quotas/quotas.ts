import type { BrokerConfig } from '../options.ts';
import { Allowances } from './allowances.ts';
import { keyOfEntity, type QuotaEntity } from './quota-entity.ts';
import { QuotaStore } from './quota-store.ts';

/** Who uses something. */
export interface QuotaUser {
  /** `User:name` */
  readonly principal: string;
  readonly clientId: string | null;
}

type ClientQuota = 'producer_byte_rate' | 'consumer_byte_rate' | 'request_percentage' | 'controller_mutation_rate';

/** A longer wait is told, and imposed, in parts: a client that hears nothing for longer takes its connection for dead. */
const THROTTLE_MS_MAX = 30_000;

/** What clients may use per second, and what they have used of it. */
export class Quotas {
  readonly store: QuotaStore;
  readonly #allowances: Allowances;

  constructor({ disk, dataDirectory, limits }: BrokerConfig) {
    this.store = new QuotaStore(disk, dataDirectory, limits.quotasMax);
    this.#allowances = new Allowances(limits.quotaUsersMax);
  }

  /** Nothing is limited: there is nothing to measure. */
  get areNone(): boolean {
    return this.store.size === 0;
  }

  /** For how many ms a client that has used so much should not be served; 0 where it may go on. */
  use(kind: ClientQuota, amount: number, user: QuotaUser, now: number): number {
    for (const { quota, measured } of levelsOf(user)) {
      const perSecond = this.store.value(quota, kind);
      if (perSecond !== undefined) return this.#take(kind, measured, perSecond, amount, now);
    }
    return 0;
  }

  /** The same for one more connection from the address. */
  connect(ip: string, now: number): number {
    const key = 'connection_creation_rate';
    const perSecond = this.store.value({ ip }, key) ?? this.store.value({ ip: null }, key);
    return perSecond === undefined ? 0 : this.#take(key, { ip }, perSecond, 1, now);
  }

  #take(kind: string, measured: QuotaEntity, perSecond: number, amount: number, now: number): number {
    const name = `${kind} ${keyOfEntity(measured)}`;
    return Math.min(THROTTLE_MS_MAX, this.#allowances.take(name, perSecond, amount, now));
  }
}

interface Level {
  /** Whose quota counts, when there is one. */
  readonly quota: QuotaEntity;
  /** Who shares it. */
  readonly measured: QuotaEntity;
}

/** In the order in which Kafka looks for a quota: the first counts, and no other. */
function levelsOf({ principal, clientId }: QuotaUser): Level[] {
  const user = principal.slice(principal.indexOf(':') + 1);
  const id = clientId ?? '';
  const both = { user, 'client-id': id };
  return [
    { quota: both, measured: both },
    { quota: { user, 'client-id': null }, measured: both },
    { quota: { user }, measured: { user } },
    { quota: { user: null, 'client-id': id }, measured: both },
    { quota: { user: null, 'client-id': null }, measured: both },
    { quota: { user: null }, measured: { user } },
    { quota: { 'client-id': id }, measured: { 'client-id': id } },
    { quota: { 'client-id': null }, measured: { 'client-id': id } },
  ];
}
