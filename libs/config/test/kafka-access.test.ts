import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { kafkaAccessOf, kafkaAccessSettings, readSettings } from '../src/index.ts';

const accessOf = (environment: Record<string, string>) =>
  kafkaAccessOf(readSettings(kafkaAccessSettings, [], environment));

const user = { KAFKA_SASL_USERNAME: 'engine', KAFKA_SASL_PASSWORD: 's3cr3t' };

describe('the way into a Kafka cluster', () => {
  it('is open by default', () => {
    expect(accessOf({})).toEqual({});
  });

  it('can be TLS and a user', () => {
    expect(accessOf({ KAFKA_SSL: 'true', KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512', ...user })).toEqual({
      tls: {},
      sasl: { mechanism: 'SCRAM-SHA-512', username: 'engine', password: 's3cr3t' },
    });
  });

  it('reads certificates from files', () => {
    const directory = mkdtempSync(join(tmpdir(), 'millrace-config-'));
    const file = join(directory, 'ca.pem');
    writeFileSync(file, 'an authority');
    const access = accessOf({ KAFKA_SSL: 'true', KAFKA_SSL_CA: file, KAFKA_SSL_CERT: file, KAFKA_SSL_KEY: file });
    rmSync(directory, { recursive: true });
    const content = Buffer.from('an authority');
    expect(access).toEqual({ tls: { ca: content, cert: content, key: content } });
  });

  it.for([
    ['files without TLS', { KAFKA_SSL_CA: '/dev/null' }, 'KAFKA_SSL=true'],
    ['a certificate without its key', { KAFKA_SSL: 'true', KAFKA_SSL_CERT: '/dev/null' }, 'KAFKA_SSL_KEY together'],
    [
      'a file that is not there',
      { KAFKA_SSL: 'true', KAFKA_SSL_CA: '/nowhere/ca.pem' },
      'KAFKA_SSL_CA: expected a file',
    ],
    ['a user without a mechanism', user, 'KAFKA_SASL_MECHANISM'],
    ['a mechanism without a user', { KAFKA_SASL_MECHANISM: 'PLAIN' }, 'KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD'],
    ['an unknown mechanism', { KAFKA_SASL_MECHANISM: 'GSSAPI', ...user }, 'expected one of PLAIN'],
    ['tokens from nowhere', { KAFKA_SASL_MECHANISM: 'OAUTHBEARER', ...user }, 'KAFKA_SASL_TOKEN_URL'],
  ] as const)('is refused with %s, without a secret in what is said', ([, environment, problem]) => {
    let message = '';
    try {
      accessOf(environment);
    } catch (error) {
      message = String(error);
    }
    expect(message).toContain(problem);
    expect(message).not.toContain('s3cr3t');
  });

  it('can be a token, that is asked for with the credentials of an OAuth client', async () => {
    const asked: unknown[] = [];
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        asked.push([request.method, request.headers.authorization, body]);
        if (asked.length > 1) response.statusCode = 401;
        response.end('{"access_token":"a.b.c","token_type":"Bearer"}');
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
    const { sasl } = accessOf({
      KAFKA_SASL_MECHANISM: 'OAUTHBEARER',
      KAFKA_SASL_TOKEN_URL: url,
      KAFKA_SASL_SCOPE: 'kafka',
      ...user,
    });
    if (sasl?.mechanism !== 'OAUTHBEARER') throw new Error('expected tokens');
    expect(await sasl.token()).toBe('a.b.c');
    const basic = `Basic ${Buffer.from('engine:s3cr3t').toString('base64')}`;
    expect(asked).toEqual([['POST', basic, 'grant_type=client_credentials&scope=kafka']]);
    await expect(sasl.token()).rejects.toThrow(`expected a token from ${url}, found status 401`);
    server.close();
  });
});
