// A watcher in a process of its own, which can be killed: it writes down what it has seen, and goes on behind the last of that.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import type { WatchedEvent } from '@millrace/contract';
import { EventSourceParserStream } from 'eventsource-parser/stream';

const [url = '', file = ''] = process.argv.slice(2);
const written = existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
let lastId = written.at(-1)?.split(' ')[1];

for (;;) {
  // The server is killed too.
  await watch().catch(() => undefined);
  await setTimeout(50);
}

async function watch(): Promise<void> {
  const resume = lastId === undefined ? undefined : { 'last-event-id': lastId };
  const response = await fetch(url, { headers: { accept: 'text/event-stream', ...resume } });
  if (!response.ok || response.body === null) return response.body?.cancel();
  const messages = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
  for await (const { event, id, data } of messages) {
    if (event !== undefined) throw new Error(`expected events and nothing else, found ${event}`);
    const { partition, offset } = JSON.parse(data) as WatchedEvent;
    // One write: it is in the file whole or not at all.
    appendFileSync(file, `${partition}.${offset} ${id}\n`);
    lastId = id;
  }
  return undefined;
}
