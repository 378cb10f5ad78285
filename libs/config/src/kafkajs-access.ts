import type { KafkaAccess } from './kafka-access.ts';

type User = { readonly username: string; readonly password: string };

/** As kafkajs takes TLS and SASL in its own configuration. */
export interface KafkajsAccess {
  readonly ssl?: NonNullable<KafkaAccess['tls']>;
  readonly sasl?:
    | (User & { readonly mechanism: 'plain' })
    | (User & { readonly mechanism: 'scram-sha-256' })
    | (User & { readonly mechanism: 'scram-sha-512' })
    | { readonly mechanism: 'oauthbearer'; readonly oauthBearerProvider: () => Promise<{ readonly value: string }> };
}

/** For plugins, which speak through kafkajs. */
export function kafkajsAccess({ tls, sasl }: KafkaAccess): KafkajsAccess {
  return { ...(tls === undefined ? {} : { ssl: tls }), ...(sasl === undefined ? {} : { sasl: kafkajsSasl(sasl) }) };
}

function kafkajsSasl(sasl: NonNullable<KafkaAccess['sasl']>): NonNullable<KafkajsAccess['sasl']> {
  if (sasl.mechanism === 'OAUTHBEARER') {
    return { mechanism: 'oauthbearer', oauthBearerProvider: async () => ({ value: await sasl.token() }) };
  }
  const { username, password } = sasl;
  switch (sasl.mechanism) {
    case 'PLAIN':
      return { mechanism: 'plain', username, password };
    case 'SCRAM-SHA-256':
      return { mechanism: 'scram-sha-256', username, password };
    default:
      return { mechanism: 'scram-sha-512', username, password };
  }
}
