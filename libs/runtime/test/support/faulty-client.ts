import type { Client, TransactionalProducer, TransactionalRecord } from '@millrace/client';

export interface Faults {
  /** Before a commit of these records: throw to fail it, or never return. */
  readonly beforeCommit?: (records: readonly TransactionalRecord[]) => Promise<void> | void;
  /** After it, before its caller knows. */
  readonly afterCommit?: (records: readonly TransactionalRecord[]) => Promise<void> | void;
}

/** The real client, with something that goes wrong around its commits. */
export function faultyClient(client: Client, faults: Faults): Client {
  return {
    ...client,
    transactionalProducer(options) {
      const producer = client.transactionalProducer(options);
      const commit: TransactionalProducer['commit'] = async (records) => {
        await faults.beforeCommit?.(records);
        const offsets = await producer.commit(records);
        await faults.afterCommit?.(records);
        return offsets;
      };
      return new Proxy(producer, {
        get(target, name) {
          if (name === 'commit') return commit;
          const value: unknown = Reflect.get(target, name, target);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      });
    },
  };
}

/** What a killed process does next. */
export function never(): Promise<never> {
  return new Promise(() => {});
}
