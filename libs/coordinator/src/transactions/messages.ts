import type { Request, Response, apis } from '@millrace/wire';

/** Requests and responses of transactions: the wire's own. `throttleTimeMs` is the broker's matter. */
export type InitProducerIdRequest = Request<typeof apis.initProducerId>;
export type InitProducerIdResponse = Unthrottled<Response<typeof apis.initProducerId>>;
export type AddPartitionsToTxnRequest = Request<typeof apis.addPartitionsToTxn>;
export type AddPartitionsToTxnResponse = Unthrottled<Response<typeof apis.addPartitionsToTxn>>;
export type AddOffsetsToTxnRequest = Request<typeof apis.addOffsetsToTxn>;
export type AddOffsetsToTxnResponse = Unthrottled<Response<typeof apis.addOffsetsToTxn>>;
export type EndTxnRequest = Request<typeof apis.endTxn>;
export type EndTxnResponse = Unthrottled<Response<typeof apis.endTxn>>;
export type DescribeTransactionsRequest = Request<typeof apis.describeTransactions>;
export type DescribeTransactionsResponse = Unthrottled<Response<typeof apis.describeTransactions>>;
export type ListTransactionsRequest = Request<typeof apis.listTransactions>;
export type ListTransactionsResponse = Unthrottled<Response<typeof apis.listTransactions>>;

type Unthrottled<M> = Omit<M, 'throttleTimeMs'>;
