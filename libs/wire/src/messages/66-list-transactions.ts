import { type MessageSchema, array, defaulted, int16, int32, int64, since, string, struct } from '../schema.ts';

/** ListTransactions, versions 0 and 1 (KIP-664). 1 brought a filter by how long a transaction has been open (KIP-994). */
export const listTransactionsRequest = {
  apiKey: 66,
  name: 'ListTransactions',
  versions: [0, 1],
  flexibleSince: 0,
  fields: {
    stateFilters: array(string),
    producerIdFilters: array(int64),
    durationFilterMs: since(1, int64, -1),
  },
} as const satisfies MessageSchema;

export const listTransactionsResponse = {
  apiKey: 66,
  name: 'ListTransactions response',
  versions: [0, 1],
  flexibleSince: 0,
  fields: {
    throttleTimeMs: defaulted(int32),
    errorCode: int16,
    unknownStateFilters: array(string),
    transactionStates: array(struct({ transactionalId: string, producerId: int64, transactionState: string })),
  },
} as const satisfies MessageSchema;
