import type { ResetNotice, TooSlowNotice } from '@millrace/contract';

/** How one kind of stream writes things down. Shared, so that a frame for many watchers is made once. */
export interface Encoding {
  event(id: string, json: string): Buffer;
  /** Nothing has happened, up to this position where one is given. */
  heartbeat(id: string | undefined): Buffer;
  reset(notice: ResetNotice): Buffer;
  tooSlow(notice: TooSlowNotice): Buffer;
}

/** One watcher's end of a stream. */
export interface WatchSink {
  readonly encoding: Encoding;
  /** Buffers when the watcher does not take it at once: look at `bufferedBytes` before. */
  send(frame: Buffer): void;
  readonly bufferedBytes: number;
  readonly isClosed: boolean;
  /** Resolves when what was sent has been taken, or the stream is closed. */
  drained(): Promise<void>;
  /** Flushes and closes. */
  end(): void;
  /** Called once, however it came to the end. */
  onClose(listener: () => void): void;
}
