import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { flag } from './shapes.ts';
import { type Settings, SettingsError, type SettingsTable } from './settings.ts';

const mechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'] as const;
const text = z.string().optional();

/** How a process gets into a Kafka cluster. By the environment alone: some of it is secret, and all of it belongs together. */
export const kafkaAccessSettings = {
  kafkaSsl: { schema: flag.default(false), variable: 'KAFKA_SSL', help: 'whether to connect by TLS' },
  kafkaSslCa: {
    schema: text,
    variable: 'KAFKA_SSL_CA',
    help: "file of the authorities of the brokers' certificates (PEM)",
  },
  kafkaSslCert: { schema: text, variable: 'KAFKA_SSL_CERT', help: 'file of our own certificate (PEM)' },
  kafkaSslKey: { schema: text, variable: 'KAFKA_SSL_KEY', help: 'file of its private key (PEM)' },
  kafkaSslKeyPassword: { schema: text, variable: 'KAFKA_SSL_KEY_PASSWORD', help: 'password of the private key' },
  kafkaSaslMechanism: {
    schema: z.enum(mechanisms, { error: `expected one of ${mechanisms.join(', ')}` }).optional(),
    variable: 'KAFKA_SASL_MECHANISM',
    help: `how to say who we are: ${mechanisms.join(', ')}`,
  },
  kafkaSaslUsername: {
    schema: text,
    variable: 'KAFKA_SASL_USERNAME',
    help: 'name of the user, or id of the OAuth client',
  },
  kafkaSaslPassword: {
    schema: text,
    variable: 'KAFKA_SASL_PASSWORD',
    help: 'its password, or secret of the OAuth client',
  },
  kafkaSaslTokenUrl: {
    schema: z.url('expected the address of the token endpoint').optional(),
    variable: 'KAFKA_SASL_TOKEN_URL',
    help: 'OAUTHBEARER: where to get tokens (client credentials)',
  },
  kafkaSaslScope: { schema: text, variable: 'KAFKA_SASL_SCOPE', help: 'OAUTHBEARER: scope to ask for' },
} as const satisfies SettingsTable;

export type KafkaAccessSettings = Settings<typeof kafkaAccessSettings>;

/** TLS and SASL as clients take them. */
export interface KafkaAccess {
  readonly tls?: {
    readonly ca?: Buffer;
    readonly cert?: Buffer;
    readonly key?: Buffer;
    readonly passphrase?: string;
  };
  readonly sasl?:
    | {
        readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';
        readonly username: string;
        readonly password: string;
      }
    | { readonly mechanism: 'OAUTHBEARER'; readonly token: () => Promise<string> };
}

/**
 * Reads the files and puts the settings together.
 *
 * @throws SettingsError when one is missing beside another, or a file cannot be read
 */
export function kafkaAccessOf(settings: KafkaAccessSettings): KafkaAccess {
  const { kafkaSsl, kafkaSslCa, kafkaSslCert, kafkaSslKey, kafkaSslKeyPassword: passphrase } = settings;
  const [ca, cert, key] = [
    fileOf('KAFKA_SSL_CA', kafkaSslCa),
    fileOf('KAFKA_SSL_CERT', kafkaSslCert),
    fileOf('KAFKA_SSL_KEY', kafkaSslKey),
  ];
  if (!kafkaSsl && (ca ?? cert ?? key) !== undefined) throw missing('KAFKA_SSL=true beside the files for it');
  if ((cert === undefined) !== (key === undefined)) throw missing('KAFKA_SSL_CERT and KAFKA_SSL_KEY together');
  const tls = {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
    ...(passphrase === undefined ? {} : { passphrase }),
  };
  const sasl = saslOf(settings);
  return { ...(kafkaSsl ? { tls } : {}), ...(sasl === undefined ? {} : { sasl }) };
}

function saslOf(settings: KafkaAccessSettings): KafkaAccess['sasl'] {
  const { kafkaSaslMechanism: mechanism, kafkaSaslUsername: username, kafkaSaslPassword: password } = settings;
  if (mechanism === undefined) {
    if ((username ?? password) !== undefined) throw missing('KAFKA_SASL_MECHANISM beside a user');
    return undefined;
  }
  if (username === undefined || password === undefined) {
    throw missing(`KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD beside ${mechanism}`);
  }
  if (mechanism !== 'OAUTHBEARER') return { mechanism, username, password };
  const { kafkaSaslTokenUrl: url, kafkaSaslScope: scope } = settings;
  if (url === undefined) throw missing('KAFKA_SASL_TOKEN_URL beside OAUTHBEARER');
  return { mechanism, token: () => requestToken(url, username, password, scope) };
}

const TOKEN_TIMEOUT_MS = 10_000;

/** A token for ourselves (RFC 6749, section 4.4). */
async function requestToken(url: string, id: string, secret: string, scope: string | undefined): Promise<string> {
  const credentials = [id, secret].map(encodeURIComponent).join(':');
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}`, accept: 'application/json' },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...(scope === undefined ? {} : { scope }) }),
    signal: AbortSignal.timeout(TOKEN_TIMEOUT_MS),
  });
  const answer = z.object({ access_token: z.string() }).safeParse(response.ok ? await response.json() : null);
  if (!answer.success) throw new Error(`expected a token from ${url}, found status ${response.status}`);
  return answer.data.access_token;
}

function fileOf(variable: string, path: string | undefined): Buffer | undefined {
  try {
    return path === undefined ? undefined : readFileSync(path);
  } catch (error) {
    throw new SettingsError([`${variable}: expected a file that can be read: ${String(error)}`]);
  }
}

function missing(what: string): SettingsError {
  return new SettingsError([`expected ${what}`]);
}
