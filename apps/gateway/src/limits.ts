/** Every bound of the gateway, and what happens at it. */
export const gatewayLimits = {
  /** Open streams; one more is refused with OVERLOADED. */
  watchersMax: 2_000,
  /**
   * Sent and not yet taken by one watcher, in bytes. Beyond it the watcher is told that it is too slow and closed; it resumes
   * by its last id. One event more than this may be buffered, so that a single large one never closes a watcher.
   */
  bufferBytesMax: 512 * 1024,
  /** While catching up nothing more is read until the watcher has taken what was sent down to this. */
  catchUpBufferBytesMax: 256 * 1024,
  /** Events looked at in one turn while catching up: other watchers get their turn in between. */
  catchUpEventsMax: 500,
  /** Silence after which a stream shows that it is alive; proxies commonly cut at 60 s. */
  heartbeatMs: 15_000,
  /** How long a closed stream may take to flush what it has buffered. */
  closeMsMax: 5_000,
  /** A WebSocket watcher has nothing to say; a longer message closes it. */
  incomingBytesMax: 1_024,
} as const;
