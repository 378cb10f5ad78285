import { join } from 'node:path';
import { readSealed, replaceSealed } from '@millrace/log';
import { type Disk, messageOf } from '@millrace/std';
import { BrokerError } from '../errors.ts';
import { entityTypes, keyOfEntity, type QuotaEntity, type QuotaRefusal } from './quota-entity.ts';

/** What is limited of an entity, by Kafka's names. */
export type QuotaValues = Readonly<Record<string, number>>;

export interface Quota {
  readonly entity: QuotaEntity;
  readonly values: QuotaValues;
}

/** One part of a filter: entities that have this name of the type, its default (null), or any (undefined). */
export interface EntityFilter {
  readonly type: string;
  readonly name: string | null | undefined;
}

const FILE = 'quotas';

/** The quotas that the admin API has set, durably: a file of the data directory that is replaced whole. */
export class QuotaStore {
  readonly #disk: Disk;
  readonly #path: string;
  readonly #quotasMax: number;
  #quotas: ReadonlyMap<string, Quota>;

  constructor(disk: Disk, directory: string, quotasMax: number) {
    this.#disk = disk;
    this.#path = join(directory, FILE);
    this.#quotasMax = quotasMax;
    const sealed = readSealed(disk, this.#path);
    if (sealed === 'damaged') throw new BrokerError('CONFIGS_DAMAGED', `expected ${this.#path} to be whole`);
    const stored = sealed === undefined ? [] : (sealed.content as readonly Quota[]);
    this.#quotas = new Map(stored.map((quota) => [keyOfEntity(quota.entity), quota]));
  }

  get size(): number {
    return this.#quotas.size;
  }

  value(entity: QuotaEntity, key: string): number | undefined {
    return this.#quotas.get(keyOfEntity(entity))?.values[key];
  }

  valuesOf(entity: QuotaEntity): QuotaValues {
    return this.#quotas.get(keyOfEntity(entity))?.values ?? {};
  }

  /** Replaces what is limited of these entities, all or none, durably on return; nothing limited, and the entity is gone. */
  set(changed: readonly Quota[]): QuotaRefusal | null {
    const quotas = new Map(this.#quotas);
    for (const quota of changed) {
      const key = keyOfEntity(quota.entity);
      if (Object.keys(quota.values).length === 0) quotas.delete(key);
      else quotas.set(key, quota);
    }
    if (quotas.size > this.#quotasMax) {
      const message = `expected quotas of at most ${this.#quotasMax} entities, found ${quotas.size}`;
      return { error: 'POLICY_VIOLATION', message };
    }
    try {
      replaceSealed(this.#disk, this.#path, [...quotas.values()]);
    } catch (error) {
      return { error: 'KAFKA_STORAGE_ERROR', message: messageOf(error) };
    }
    this.#quotas = quotas;
    return null;
  }

  /** Those of which every part of the filter is true; when it is strict, of no types but those of the filter. */
  find(filter: readonly EntityFilter[], isStrict: boolean): Quota[] {
    return [...this.#quotas.values()].filter(({ entity }) => {
      const types = entityTypes.filter((type) => type in entity);
      const fits = filter.every(({ type, name }) =>
        types.some((one) => one === type && (name === undefined || entity[one] === name)),
      );
      return fits && (!isStrict || types.length === filter.length);
    });
  }
}
