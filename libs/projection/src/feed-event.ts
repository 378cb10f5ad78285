import { decodeEvent, type Event, type InstanceId, partitionOfInstance } from '@millrace/records';
import type { LogRecord } from './event-log.ts';

const utf8 = new TextDecoder();

/** One record of `core.events`, decoded once for everybody in this process. */
export class FeedEvent {
  readonly partition: number;
  readonly offset: number;
  readonly event: Event;
  /** The instance it tells about, if any. */
  readonly subject: InstanceId | undefined;
  readonly bytes: number;
  readonly #value: Uint8Array;
  #json: string | undefined;

  constructor(partition: number, record: LogRecord) {
    this.partition = partition;
    this.offset = record.offset;
    this.event = decodeEvent(record.value);
    this.subject = subjectOf(this.event);
    this.bytes = record.value.length;
    this.#value = record.value;
  }

  /**
   * The instance whose history it is part of. What another partition notes about an instance (a subscription on the
   * partition of its key) is not: only the own partition orders an instance's events.
   */
  get instanceId(): InstanceId | undefined {
    return this.subject !== undefined && partitionOfInstance(this.subject) === this.partition
      ? this.subject
      : undefined;
  }

  /** As watchers and history show it (`WatchedEvent` of the contract). Made once, however many watch. */
  get json(): string {
    if (this.#json === undefined) {
      const subject = this.subject === undefined ? '' : `"processInstanceUuid":${JSON.stringify(this.subject)},`;
      const time = new Date(this.event.at).toISOString();
      // The record is JSON already, and was checked by decoding it: it goes out as the bytes that came in.
      this.#json = `{"partition":${this.partition},"offset":${this.offset},"time":"${time}","type":${JSON.stringify(this.event.kind)},${subject}"data":${utf8.decode(this.#value)}}`;
    }
    return this.#json;
  }
}

function subjectOf(event: Event): InstanceId | undefined {
  if ('instanceId' in event) return event.instanceId;
  if ('purpose' in event && 'instanceId' in event.purpose) return event.purpose.instanceId;
  return undefined;
}
