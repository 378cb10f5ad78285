import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority } from '@millrace/testing';
import { BrokerProcess } from '../../support/broker-process.ts';
import { freePorts } from '../../support/server-process.ts';
import { ApacheKafka } from './apache-kafka.ts';
import { brokerKind, type TestBroker } from './index.ts';

export const users = { alice: 'alice-Pa55word', bob: 'bob-Pa55word' } as const;

/** A broker with access rules. On its first address everybody is a super user; the other two ask who it is. */
export interface SecuredBroker {
  readonly broker: TestBroker;
  readonly saslPlaintext: number;
  readonly saslSsl: number;
  /** PEM: who issued its certificate. */
  readonly authority: string;
  remove(): Promise<void>;
}

export async function startSecured(): Promise<SecuredBroker> {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-secured-'));
  const authority = await createAuthority();
  const { certificate, key } = await authority.issue({ subject: 'CN=broker', hosts: ['127.0.0.1'] });
  const [saslPlaintext = 0, saslSsl = 0] = await freePorts(2);
  const start = brokerKind === 'kafka' ? startKafka : startMillrace;
  const broker = await start({ directory, certificate, key, saslPlaintext, saslSsl });
  const remove = async (): Promise<void> => {
    await broker.remove();
    rmSync(directory, { recursive: true, force: true });
  };
  return { broker, saslPlaintext, saslSsl, authority: authority.certificate, remove };
}

interface Secured {
  readonly directory: string;
  readonly certificate: string;
  readonly key: string;
  readonly saslPlaintext: number;
  readonly saslSsl: number;
}

const mechanisms = 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512';

function startMillrace({ directory, certificate, key, saslPlaintext, saslSsl }: Secured): Promise<TestBroker> {
  const files = { cert: join(directory, 'broker.pem'), key: join(directory, 'broker.key') };
  writeFileSync(files.cert, certificate);
  writeFileSync(files.key, key);
  const pairs = Object.entries(users).map((pair) => pair.join(':'));
  const flags = {
    listeners: `SASL_PLAINTEXT://127.0.0.1:${saslPlaintext},SASL_SSL://127.0.0.1:${saslSsl}`,
    'super-users': 'User:ANONYMOUS',
    'sasl-mechanisms': mechanisms,
    'tls-cert': files.cert,
    'tls-key': files.key,
  };
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
  return BrokerProcess.startWith({ MILLRACE_USERS: pairs.join(',') }, ...args);
}

function startKafka({ directory, certificate, key, saslPlaintext, saslSsl }: Secured): Promise<TestBroker> {
  const keystore = join(directory, 'keystore.pem');
  writeFileSync(keystore, `${key}\n${certificate}\n`);
  const sasl = `SASL_PLAINTEXT://127.0.0.1:${saslPlaintext},SASL_SSL://127.0.0.1:${saslSsl}`;
  const module = 'org.apache.kafka.common.security';
  const pairs = Object.entries(users).map(([user, password]) => `user_${user}="${password}"`);
  const logins = {
    plain: `${module}.plain.PlainLoginModule required ${pairs.join(' ')};`,
    'scram-sha-256': `${module}.scram.ScramLoginModule required;`,
    'scram-sha-512': `${module}.scram.ScramLoginModule required;`,
  };
  const jaas = ['sasl_plaintext', 'sasl_ssl'].flatMap((listener) =>
    Object.entries(logins).map(([mechanism, login]) => [
      `listener.name.${listener}.${mechanism}.sasl.jaas.config`,
      login,
    ]),
  );
  return ApacheKafka.start((defaults) => ({
    listeners: `${defaults['listeners']},${sasl}`,
    'advertised.listeners': `${defaults['advertised.listeners']},${sasl}`,
    'listener.security.protocol.map': `${defaults['listener.security.protocol.map']},SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL`,
    'sasl.enabled.mechanisms': mechanisms,
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': keystore,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:ANONYMOUS',
    ...(Object.fromEntries(jaas) as Record<string, string>),
  }));
}
