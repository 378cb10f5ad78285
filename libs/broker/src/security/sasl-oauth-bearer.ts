import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { readOAuthBearer } from '@millrace/sasl';
import type { Clock } from '@millrace/std';
import type * as Jose from 'jose';
import { proven, type SaslExchange, unproven } from './sasl-mechanism.ts';

export interface OAuthBearerOptions {
  /** The keys that sign tokens: `https:` address (fetched anew when an unknown key turns up), or the path of a file. */
  readonly jwks: string;
  readonly issuer: string;
  readonly audience: string;
  /** The claim that names the user; by default `sub`. */
  readonly principalClaim?: string;
  /** A scope that the token must have, in `scope` or `scp`. */
  readonly scope?: string;
}

/** Signatures that a public key checks: with a shared secret the broker could make tokens, too. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const CLOCK_TOLERANCE_S = 30;
const JWKS_TIMEOUT_MS = 5_000;

const require = createRequire(import.meta.url);
let loaded: typeof Jose | undefined;

/** Loaded by the first listener that takes tokens: it takes 6 MB of memory, and most brokers take none. */
function jose(): typeof Jose {
  loaded ??= require('jose') as typeof Jose;
  return loaded;
}

/** Verifies the tokens of one issuer (RFC 7519), whose keys are kept between exchanges. */
export class OAuthBearerVerifier {
  readonly #options: OAuthBearerOptions;
  readonly #clock: Clock;
  readonly #keys: Jose.JWTVerifyGetKey;

  /** @throws when the file of keys can not be read */
  constructor(options: OAuthBearerOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#keys = /^https?:/.test(options.jwks)
      ? jose().createRemoteJWKSet(new URL(options.jwks), { timeoutDuration: JWKS_TIMEOUT_MS })
      : jose().createLocalJWKSet(JSON.parse(readFileSync(options.jwks, 'utf8')) as Jose.JSONWebKeySet);
  }

  exchange(): SaslExchange {
    return async (bytes) => {
      const message = readOAuthBearer(bytes);
      if (message === null) return unproven('expected a bearer token');
      const { issuer, audience, principalClaim = 'sub', scope } = this.#options;
      let payload: Jose.JWTPayload;
      try {
        const verified = await jose().jwtVerify(message.token, this.#keys, {
          algorithms: ALGORITHMS,
          issuer,
          audience,
          requiredClaims: ['exp', principalClaim],
          clockTolerance: CLOCK_TOLERANCE_S,
          currentDate: new Date(this.#clock.now()),
        });
        payload = verified.payload;
      } catch (error) {
        return unproven(problemOf(error));
      }
      const user = payload[principalClaim];
      if (typeof user !== 'string' || user === '') return unproven(`expected a name in the claim "${principalClaim}"`);
      if (message.authorizationId !== '' && message.authorizationId !== user) {
        return unproven('expected a user that acts as itself', user);
      }
      if (scope !== undefined && !scopesOf(payload).includes(scope)) {
        return unproven(`expected the scope "${scope}"`, user);
      }
      return proven(user, { expiresAtMs: (payload.exp ?? 0) * 1_000 });
    };
  }
}

function scopesOf({ scope, scp }: Jose.JWTPayload): readonly unknown[] {
  const scopes = scope ?? scp;
  return typeof scopes === 'string' ? scopes.split(' ') : Array.isArray(scopes) ? scopes : [];
}

/** By the kind of the error: its message may hold what the token said. */
function problemOf(error: unknown): string {
  const { errors } = jose();
  if (error instanceof errors.JWTExpired) return 'expected a token that has not expired';
  if (error instanceof errors.JWTClaimValidationFailed) return `expected another claim "${error.claim}"`;
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'expected a token that a known key has signed';
  if (error instanceof errors.JWKSNoMatchingKey) return 'expected a token that a known key has signed';
  if (error instanceof errors.JWKSTimeout) return `expected the keys of the issuer within ${JWKS_TIMEOUT_MS} ms`;
  if (error instanceof errors.JOSEError) return `expected a token that can be verified (${error.code})`;
  return 'expected the keys of the issuer, found none';
}
