import type { KafkaAccess } from '@millrace/config';
import type { KafkaConfig } from 'kafkajs';

/** Where the log is, and how this process gets in. */
export interface BusAccess extends KafkaAccess {
  readonly brokers: readonly string[];
}

/** The same for plugins, which speak through kafkajs. */
export function kafkajsAccess({ tls, sasl }: BusAccess): Pick<KafkaConfig, 'ssl' | 'sasl'> {
  return { ...(tls === undefined ? {} : { ssl: tls }), ...(sasl === undefined ? {} : { sasl: kafkajsSasl(sasl) }) };
}

function kafkajsSasl(sasl: NonNullable<BusAccess['sasl']>): NonNullable<KafkaConfig['sasl']> {
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
