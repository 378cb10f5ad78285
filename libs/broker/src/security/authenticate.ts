import type { Exchange } from '../exchange.ts';
import type { Parts } from '../parts.ts';
import type { Authentication } from './session.ts';

/**
 * Has the session of an exchange take a token. A refusal that is final waits a while before it is answered, so that guessing
 * is slow, and ends the connection.
 */
export function authenticate<Response>(
  parts: Parts,
  exchange: Exchange<Response>,
  token: Buffer,
  answer: (result: Authentication) => void,
): void {
  const then = (result: Authentication): void => {
    if (result.kind === 'refused' && result.isFinal) answerLast(parts, exchange, () => answer(result));
    else answer(result);
  };
  exchange.session.authenticate(token).then(then).catch(parts.onFailure);
}

/** Answers after a while, and then ends the connection. */
export function answerLast<Response>(parts: Parts, exchange: Exchange<Response>, answer: () => void): void {
  const { clock, limits } = parts.config;
  exchange.onAbandoned = clock.after(limits.authenticationFailureDelayMs, () => {
    answer();
    exchange.finish();
  });
}
