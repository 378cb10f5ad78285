import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createAuthority, type TestAuthority } from '@millrace/testing';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { BrokerProcess } from '../../support/broker-process.ts';
import { freePorts } from '../../support/server-process.ts';
import { ApacheKafka, SHORT_LIVED } from './apache-kafka.ts';
import { brokerKind, type TestBroker } from './index.ts';

export const users = { alice: 'alice-Pa55word', bob: 'bob-Pa55word' } as const;

/** A broker with access rules. On its first address everybody is a super user; the others ask who it is. */
export interface SecuredBroker {
  readonly broker: TestBroker;
  readonly saslPlaintext: number;
  readonly saslSsl: number;
  /** Takes those who show a certificate of the authority, as the distinguished name in it. */
  readonly ssl: number;
  /** Who issued the broker's certificate. */
  readonly authority: TestAuthority;
  /** A token that the broker takes, unless a claim says otherwise. */
  token(user: string, claims?: Readonly<Record<string, string | number>>): Promise<string>;
  remove(): Promise<void>;
}

export async function startSecured(): Promise<SecuredBroker> {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-secured-'));
  const authority = await createAuthority();
  const { certificate, key } = await authority.issue({ subject: 'CN=broker', hosts: ['127.0.0.1'] });
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'ours', alg: 'ES256', use: 'sig' };
  const write = (name: string, text: string): string => {
    const file = join(directory, name);
    writeFileSync(file, text);
    return file;
  };
  const [saslPlaintext = 0, saslSsl = 0, ssl = 0] = await freePorts(3);
  const start = brokerKind === 'kafka' ? startKafka : startMillrace;
  const broker = await start({
    certificate: write('broker.pem', certificate),
    key: write('broker.key', key),
    keystore: write('keystore.pem', `${key}\n${certificate}\n`),
    authority: write('authority.pem', authority.certificate),
    jwks: write('jwks.json', JSON.stringify({ keys: [jwk] })),
    listeners: {
      SASL_PLAINTEXT: `127.0.0.1:${saslPlaintext}`,
      SASL_SSL: `127.0.0.1:${saslSsl}`,
      SSL: `127.0.0.1:${ssl}`,
    },
  });
  const token: SecuredBroker['token'] = (user, claims = {}) => {
    const now = Math.floor(Date.now() / 1_000);
    return new SignJWT({ sub: user, iss: issuer, aud: audience, iat: now, exp: now + 3_600, ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: 'ours' })
      .sign(privateKey);
  };
  const remove = async (): Promise<void> => {
    await broker.remove();
    rmSync(directory, { recursive: true, force: true });
  };
  return { broker, saslPlaintext, saslSsl, ssl, authority, token, remove };
}

/** Files by their paths, and where to listen by protocol. */
interface Secured {
  readonly certificate: string;
  readonly key: string;
  readonly keystore: string;
  readonly authority: string;
  readonly jwks: string;
  readonly listeners: Readonly<Record<string, string>>;
}

export const mechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'] as const;
const issuer = 'https://issuer.example';
const audience = 'broker';

function startMillrace({ certificate, key, authority, jwks, listeners }: Secured): Promise<TestBroker> {
  const pairs = Object.entries(users).map((pair) => pair.join(':'));
  const flags = {
    listeners: urlsOf(listeners),
    'super-users': 'User:ANONYMOUS',
    'sasl-mechanisms': mechanisms.join(','),
    'tls-cert': certificate,
    'tls-key': key,
    'tls-client-auth': 'required',
    'tls-client-ca': authority,
    'oauth-jwks': jwks,
    'oauth-issuer': issuer,
    'oauth-audience': audience,
  };
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
  return BrokerProcess.startWith({ MILLRACE_USERS: pairs.join(',') }, ...args);
}

function startKafka({ keystore, authority, jwks, listeners }: Secured): Promise<TestBroker> {
  const module = 'org.apache.kafka.common.security';
  const pairs = Object.entries(users).map(([user, password]) => `user_${user}="${password}"`);
  const logins = {
    plain: `${module}.plain.PlainLoginModule required ${pairs.join(' ')};`,
    'scram-sha-256': `${module}.scram.ScramLoginModule required;`,
    'scram-sha-512': `${module}.scram.ScramLoginModule required;`,
    oauthbearer: `${module}.oauthbearer.OAuthBearerLoginModule required;`,
  };
  const bySasl = ['sasl_plaintext', 'sasl_ssl'].flatMap((listener) =>
    [
      ...Object.entries(logins).map(([mechanism, login]) => [`${mechanism}.sasl.jaas.config`, login] as const),
      [
        'oauthbearer.sasl.server.callback.handler.class',
        `${module}.oauthbearer.OAuthBearerValidatorCallbackHandler`,
      ] as const,
    ].map(([name, value]) => [`listener.name.${listener}.${name}`, value] as const),
  );
  const url = pathToFileURL(jwks).href;
  const names = Object.keys(listeners).map((name) => `${name}:${name}`);
  const overrides = (defaults: Readonly<Record<string, string>>): Record<string, string> => ({
    listeners: `${defaults['listeners']},${urlsOf(listeners)}`,
    'advertised.listeners': `${defaults['advertised.listeners']},${urlsOf(listeners)}`,
    'listener.security.protocol.map': [defaults['listener.security.protocol.map'], ...names].join(','),
    'sasl.enabled.mechanisms': mechanisms.join(','),
    'sasl.oauthbearer.jwks.endpoint.url': url,
    'sasl.oauthbearer.expected.issuer': issuer,
    'sasl.oauthbearer.expected.audience': audience,
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': keystore,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': authority,
    'listener.name.ssl.ssl.client.auth': 'required',
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:ANONYMOUS',
    ...Object.fromEntries(bySasl),
  });
  // Kafka reads keys from no address that is not on this list.
  return ApacheKafka.start(overrides, [...SHORT_LIVED, `-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=${url}`]);
}

function urlsOf(listeners: Readonly<Record<string, string>>): string {
  const urls = Object.entries(listeners).map(([protocol, address]) => `${protocol}://${address}`);
  return urls.join(',');
}
