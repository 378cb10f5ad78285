import { apis, errors } from '@millrace/wire';
import { handler } from '../handler.ts';
import { authenticate } from '../security/authenticate.ts';

/**
 * SaslAuthenticate 0–2: one token, and the answer to it. 1 tells how long the session lasts (KIP-368), 2 brought compact
 * encoding. Later requests of the connection are started when the token has been judged.
 *
 * Deviation: a token that OAUTHBEARER refuses is answered with SASL_AUTHENTICATION_FAILED at once. RFC 7628 has the server
 * send a challenge first, which several clients take for success.
 */
export const saslAuthenticate = handler(apis.saslAuthenticate, (parts, request, exchange) => {
  authenticate(parts, exchange, request.authBytes, (result) => {
    if (result.kind === 'goesOn') {
      const { bytes: authBytes, sessionLifetimeMs } = result;
      exchange.reply({ errorCode: errors.NONE.code, errorMessage: null, authBytes, sessionLifetimeMs });
    } else {
      const { code: errorCode, message: errorMessage } = errors[result.error];
      exchange.reply({ errorCode, errorMessage, authBytes: Buffer.alloc(0), sessionLifetimeMs: 0 });
    }
  });
});
