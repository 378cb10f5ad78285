/** Turns the event loop until something has come true; the time limit of the test is the limit of this. */
export async function waitFor(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => void setImmediate(resolve));
}
