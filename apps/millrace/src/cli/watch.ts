import type { ResetNotice, TooSlowNotice, WatchedEvent } from '@millrace/contract';
import { EventSourceParserStream } from 'eventsource-parser/stream';

import { type RestServer, Unreachable } from './rest.ts';
import type { Terminal } from './terminal.ts';

export interface WatchOptions {
  readonly definition?: string;
  readonly type?: string;
  readonly businessKey?: string;
  readonly from?: string;
  readonly signal: AbortSignal;
}

const RECONNECT_DELAY_MS_MIN = 200;
const RECONNECT_DELAY_MS_MAX = 5_000;

/** What the last event of an instance can be. */
const lastEvents = new Set(['instance.completed', 'instance.terminated', 'instance.cancelled', 'instance.expired']);

/**
 * `millrace watch [uuid]`: every event, live, until the instance ends (or, for all instances, until interrupted).
 *
 * W1. A broken connection is taken up again behind the last event printed, so each event is printed once, in order.
 */
export async function watch(
  server: RestServer,
  out: Terminal,
  uuid: string | undefined,
  options: WatchOptions,
): Promise<void> {
  const path = uuid === undefined ? '/api/events' : `/api/process/${encodeURIComponent(uuid)}/events`;
  let lastEventId: string | undefined;
  let delayMs = RECONNECT_DELAY_MS_MIN;
  let hasConnected = false;

  while (!options.signal.aborted) {
    try {
      const response = await server.open(path, {
        query: {
          definition: options.definition,
          type: options.type,
          businessKey: options.businessKey,
          from: options.from,
          lastEventId,
        },
        headers: { accept: 'text/event-stream' },
        signal: options.signal,
      });
      hasConnected = true;
      for await (const message of messagesOf(response)) {
        delayMs = RECONNECT_DELAY_MS_MIN;
        const ended = print(out, message, uuid !== undefined);
        if (message.id !== undefined) lastEventId = message.id;
        if (ended) return;
      }
    } catch (error) {
      if (options.signal.aborted) return;
      // Only a lost connection is worth another try, and only if there was one: a refusal would be refused again.
      const isLost = error instanceof Unreachable || error instanceof TypeError;
      if (!isLost || !hasConnected) throw error;
    }
    if (!out.json) out.line(out.style('dim', 'connection lost, taking it up again'));
    await pause(delayMs, options.signal);
    delayMs = Math.min(delayMs * 2, RECONNECT_DELAY_MS_MAX);
  }
}

interface StreamEvent {
  readonly id?: string | undefined;
  readonly event?: string | undefined;
  readonly data: string;
}

async function* messagesOf(response: Response): AsyncGenerator<StreamEvent> {
  if (response.body === null) return;
  yield* response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
}

/** Prints one message; true when nothing can follow it. */
function print(out: Terminal, message: StreamEvent, isOneInstance: boolean): boolean {
  if (message.event === 'reset') {
    const notice = JSON.parse(message.data) as ResetNotice;
    if (out.json) out.value({ reset: notice });
    else out.line(out.style('yellow', `reset: ${notice.message}`));
    return false;
  }
  if (message.event === 'too-slow') {
    const notice = JSON.parse(message.data) as TooSlowNotice;
    if (out.json) out.value({ tooSlow: notice });
    else out.line(out.style('yellow', `too slow: ${notice.message}`));
    return false;
  }
  if (message.event !== undefined) return false;
  const event = JSON.parse(message.data) as WatchedEvent;
  if (out.json) out.value(event);
  else out.line(describe(out, event, isOneInstance));
  return isOneInstance && lastEvents.has(event.type);
}

function describe(out: Terminal, event: WatchedEvent, isOneInstance: boolean): string {
  const time = out.style('dim', event.time.slice(11, 23));
  const instance = isOneInstance ? '' : `${event.processInstanceUuid ?? '-'.padEnd(36)}  `;
  const { elementId, ...rest } = event.data as { elementId?: string } & Record<string, unknown>;
  for (const known of ['kind', 'version', 'instanceId', 'processInstanceUuid', 'requestId', 'traceparent'])
    delete rest[known];
  const details = Object.keys(rest).length === 0 ? '' : out.style('dim', clip(JSON.stringify(rest)));
  return `${time}  ${instance}${event.type.padEnd(24)} ${(elementId ?? '').padEnd(20)} ${details}`.trimEnd();
}

const DETAILS_LENGTH_MAX = 120;

function clip(text: string): string {
  return text.length <= DETAILS_LENGTH_MAX ? text : `${text.slice(0, DETAILS_LENGTH_MAX - 1)}…`;
}

function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, delayMs);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done);
  });
}
