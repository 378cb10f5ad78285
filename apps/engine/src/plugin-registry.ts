import { setTimeout } from 'node:timers/promises';
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

const RETRY_AFTER_MS = 5_000;

/**
 * Follows the topic from its start. What cannot be read as an announcement is told to the log and left out: anybody may write there. What
 * ends the reading (the topic was made anew, access was taken away) is told, too, and it is read from its start again after a pause.
 */
export async function startPluginRegistry(
  client: Client,
  topic: string,
  logger: RegistryLogger,
  retryAfterMs = RETRY_AFTER_MS,
): Promise<PluginRegistry> {
  const consumer = client.consumer({ isolation: 'read_committed', maxWaitMs: 5_000 });
  const announced = new Map<string, PluginAnnouncement>();
  const fromStart = async (): Promise<void> => {
    const [offset = 0] = await client.admin.listOffsets([{ topic, partition: 0 }], 'earliest');
    announced.clear();
    consumer.add({ topic, partition: 0, offset });
  };
  const closing = new AbortController();
  const keepFollowing = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      try {
        await follow(consumer, announced, logger);
      } catch (error) {
        logger.warn({ err: error, retryAfterMs }, 'the announcements of plugins could not be read');
        await again();
      }
    }
  };
  const again = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      await setTimeout(retryAfterMs, undefined, { signal: closing.signal }).catch(() => undefined);
      const failure: unknown = await fromStart().catch((error: unknown) => error);
      if (failure === undefined) return;
      logger.warn({ err: failure, retryAfterMs }, 'the announcements of plugins still cannot be read');
    }
  };
  await fromStart();
  const running = keepFollowing();
  return {
    get: (type) => announced.get(type),
    all: () => announced.values(),
    close: async () => {
      closing.abort();
      consumer.close();
      await running;
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
