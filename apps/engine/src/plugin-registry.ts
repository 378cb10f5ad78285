import type { Client, Consumer } from '@millrace/client';
import { type PluginAnnouncement, pluginAnnouncement } from '@millrace/contract';

/** The plugins that have announced themselves on `core.plugins`: by type, the newest word of each. */
export interface PluginRegistry {
  get(type: string): PluginAnnouncement | undefined;
  all(): Iterable<PluginAnnouncement>;
  close(): Promise<void>;
}

interface RegistryLogger {
  warn(fields: object, message: string): void;
}

/** Follows the topic from its start. What cannot be read as an announcement is told to the log and left out: anybody may write there. */
export async function startPluginRegistry(
  client: Client,
  topic: string,
  logger: RegistryLogger,
): Promise<PluginRegistry> {
  const [start = 0] = await client.admin.listOffsets([{ topic, partition: 0 }], 'earliest');
  const consumer = client.consumer({ isolation: 'read_committed', maxWaitMs: 5_000 });
  const announced = new Map<string, PluginAnnouncement>();
  consumer.add({ topic, partition: 0, offset: start });
  const run = follow(consumer, announced, logger).catch((error: unknown) => {
    logger.warn({ err: error }, 'the announcements of plugins are not followed any more');
  });
  return {
    get: (type) => announced.get(type),
    all: () => announced.values(),
    close: async () => {
      consumer.close();
      await run;
    },
  };
}

async function follow(
  consumer: Consumer,
  announced: Map<string, PluginAnnouncement>,
  logger: RegistryLogger,
): Promise<void> {
  for await (const { records } of consumer) {
    for (const { key, value, offset } of records) {
      const type = key?.toString('utf8') ?? '';
      if (value === null) {
        announced.delete(type);
        continue;
      }
      const read = pluginAnnouncement.safeParse(jsonOf(value));
      if (read.success) announced.set(read.data.type, read.data);
      else logger.warn({ offset, type }, 'a record on the topic of plugins is no announcement');
    }
  }
}

function jsonOf(value: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(value).toString('utf8'));
  } catch {
    return undefined;
  }
}
