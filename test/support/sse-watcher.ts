import type { WatchedEvent } from '@millrace/contract';
import { EventSourceParserStream } from 'eventsource-parser/stream';

/** A watcher as a browser is one: keeps the last id, connects again by itself, never asks twice for what it has seen. */
export class SseWatcher {
  readonly events: WatchedEvent[] = [];
  readonly notices: { readonly name: string; readonly data: string }[] = [];
  connections = 0;
  readonly #url: string;
  readonly #abort = new AbortController();
  readonly #done: Promise<void>;
  #lastEventId: string | undefined;

  constructor(url: string) {
    this.#url = url;
    this.#done = this.#run();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      try {
        await this.#connect(signal);
      } catch {
        // Killed servers are the point; only `stop` ends a watcher.
      }
      if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async #connect(signal: AbortSignal): Promise<void> {
    const response = await fetch(this.#url, {
      headers: {
        accept: 'text/event-stream',
        ...(this.#lastEventId === undefined ? {} : { 'last-event-id': this.#lastEventId }),
      },
      signal,
    });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      return;
    }
    this.connections += 1;
    const messages = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
    for await (const message of messages) {
      if (message.event === undefined) this.events.push(JSON.parse(message.data) as WatchedEvent);
      else this.notices.push({ name: message.event, data: message.data });
      if (message.id !== undefined) this.#lastEventId = message.id;
    }
  }
}
