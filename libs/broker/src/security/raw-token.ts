import { Exchange, type ExchangeOwner } from '../exchange.ts';
import type { Parts } from '../parts.ts';
import { authenticate } from './authenticate.ts';

const LENGTH_BYTES = 4;

/**
 * A token without request around it, as it follows SaslHandshake 0; answered in the same way. There is no room for an
 * error: who is refused finds the connection closed.
 */
export function takeRawToken(parts: Parts, frame: Buffer, owner: ExchangeOwner): Exchange {
  const header = { apiKey: -1, version: 0, correlationId: 0, clientId: null };
  const exchange = new Exchange(owner, header, LENGTH_BYTES + frame.length, (response) => framed(response as Buffer));
  authenticate(parts, exchange, frame, (result) => {
    if (result.kind === 'goesOn') exchange.reply(result.bytes);
    else exchange.replyNothing();
  });
  return exchange;
}

function framed(token: Buffer): Buffer[] {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeInt32BE(token.length);
  return [length, token];
}
