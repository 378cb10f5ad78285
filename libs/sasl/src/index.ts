export { type OAuthBearerToken, readOAuthBearer, writeOAuthBearer } from './oauth-bearer.ts';
export { type PlainToken, readPlain, writePlain } from './plain.ts';
export { type ScramClient, scramClient } from './scram-client.ts';
export {
  credentialOf,
  isPassword,
  ITERATIONS_MIN,
  saltPassword,
  type ScramCredential,
  type ScramMechanism,
  scramMechanisms,
} from './scram-keys.ts';
export { type ScramServer, scramServer, type Unproven } from './scram-server.ts';
