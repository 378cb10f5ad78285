import { demoModels, startDemo } from '@millrace/app-examples';
import { kafkajsAccess } from '@millrace/config';
import type { Logger } from 'pino';

import type { BusAccess } from './bus-access.ts';

export interface DemoOptions {
  readonly url: string;
  readonly bus: BusAccess;
  readonly namespace: string;
  readonly logger: Logger;
}

export interface RunningDemo {
  /** What to start. */
  readonly process: string;
  stop(): Promise<void>;
}

/** Deploys the demo's models through REST, as anybody would (the same model again is no new version), and runs its plugins. */
export async function startDemoOf({ url, bus, namespace, logger }: DemoOptions): Promise<RunningDemo> {
  const form = new FormData();
  for (const { fileName, xml } of await demoModels())
    form.append('files', new Blob([xml], { type: 'application/xml' }), fileName);
  const response = await fetch(`${url}/api/definitions`, { method: 'POST', body: form });
  if (!response.ok)
    throw new Error(`expected the demo to be deployed, found ${response.status}: ${await response.text()}`);
  await response.body?.cancel();

  const log = logger.child({ part: 'demo' });
  const plugins = startDemo({
    brokers: bus.brokers,
    kafka: kafkajsAccess(bus),
    namespace,
    log: {
      info: (message) => log.info(message),
      warn: (message) => log.warn(message),
      error: (message) => log.error(message),
    },
    deliver: (line) => log.info({ delivered: line }, 'a notification was delivered'),
  });
  return { process: 'onboarding', stop: () => plugins.stop() };
}
