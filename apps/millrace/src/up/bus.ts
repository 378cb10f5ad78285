import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  brokerSettings,
  type InternalUser,
  isSecured,
  type SecuritySettings,
  securitySettings,
  startBrokerWorker,
} from '@millrace/app-broker';
import { checkSettings, kafkaAccessOf } from '@millrace/config';
import { messageOf } from '@millrace/std';
import type { Logger } from 'pino';

import type { BusAccess } from './bus-access.ts';
import type { Closing } from './closing.ts';
import type { UpSettings } from './settings.ts';

interface Bus {
  readonly bus: BusAccess;
  /** What others are told. */
  readonly listensAt: readonly string[];
}

/** The log: that of the settings, or the built-in broker, which then starts. */
export async function busOf(
  settings: UpSettings,
  logger: Logger,
  closing: Closing,
  end: (exitCode: number) => void,
): Promise<Bus> {
  if (settings.brokers !== undefined) {
    return { bus: { brokers: settings.brokers, ...kafkaAccessOf(settings) }, listensAt: settings.brokers };
  }
  return await startBroker(settings, logger, closing, end);
}

const PASSWORD_BYTES = 32;

/** Ourselves, at a broker that asks who its clients are. Made anew at each start, and never written down. */
function internalUser(): InternalUser {
  const secret = randomBytes(PASSWORD_BYTES).toString('base64url');
  return { user: `millrace-${randomUUID()}`, password: secret };
}

/** The broker in a thread of its own: with the engine busy, its clients would otherwise wait for the engine's turn to end. */
async function startBroker(
  settings: UpSettings,
  logger: Logger,
  closing: Closing,
  end: (exitCode: number) => void,
): Promise<Bus> {
  const data = join(settings.data, 'broker');
  mkdirSync(data, { recursive: true });
  const { fsync, namespace, logLevel } = settings;
  const own = checkSettings(brokerSettings, { kafka: addressText(settings.kafka), data, fsync, namespace, logLevel });
  const internal = isSecured(settings) ? internalUser() : undefined;
  const broker = await startBrokerWorker({ ...own, ...securityIn(settings) }, internal);
  closing.add('broker', () => broker.close());
  broker.ended.catch((error: unknown) => {
    logger.fatal({ error: messageOf(error) }, 'the broker has failed');
    end(1);
  });
  const listensAt = [addressText(broker)];
  if (internal === undefined || broker.internal === undefined) return { bus: { brokers: listensAt }, listensAt };
  const { user: username, password } = internal;
  const sasl = { mechanism: 'SCRAM-SHA-256', username, password } as const;
  return { bus: { brokers: [addressText(broker.internal)], sasl }, listensAt };
}

/** The settings of both tables that are about security. */
function securityIn(settings: UpSettings): SecuritySettings {
  const names = Object.keys(securitySettings) as (keyof SecuritySettings)[];
  return Object.fromEntries(names.map((name) => [name, settings[name]])) as SecuritySettings;
}

function addressText({ host, port }: { readonly host: string; readonly port: number }): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
