/** Waits for something, but no longer than so long: then it goes on by itself. Rejects when that rejects in time. */
export async function within(timeoutMs: number, something: Promise<unknown> | undefined): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  try {
    await Promise.race([something, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
