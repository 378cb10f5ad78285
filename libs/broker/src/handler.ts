import type { Api, Request, ResponseInput } from '@millrace/wire';
import type { Exchange } from './exchange.ts';
import type { Parts } from './parts.ts';

/** How one API is answered. `handle` replies through the exchange once, now or later, and throws only for our own bugs. */
export interface Handler<A extends Api = Api> {
  readonly api: A;
  readonly handle: (parts: Parts, request: Request<A>, exchange: Exchange<ResponseInput<A>>) => void;
}

export function handler<A extends Api>(api: A, handle: Handler<A>['handle']): Handler {
  // The registry erases the types of the messages; the codec of the same API gives them back.
  return { api, handle };
}
