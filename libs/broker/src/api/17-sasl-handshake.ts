import { apis, errors } from '@millrace/wire';
import { handler } from '../handler.ts';
import { answerLast } from '../security/authenticate.ts';

/**
 * SaslHandshake 0–1: chooses how to authenticate. After 0 tokens follow as bare frames, after 1 in SaslAuthenticate.
 *
 * A mechanism that is not enabled on the listener gets UNSUPPORTED_SASL_MECHANISM and the list of those that are; then the
 * connection ends. ILLEGAL_SASL_STATE where there is nothing to authenticate for, or in the middle of an exchange.
 */
export const saslHandshake = handler(apis.saslHandshake, (parts, request, exchange) => {
  const { session } = exchange;
  const { error, isFinal } = session.handshake(request.mechanism, exchange.version);
  const answer = (): void => exchange.reply({ errorCode: errors[error].code, mechanisms: session.mechanisms });
  if (isFinal) answerLast(parts, exchange, answer);
  else answer();
});
