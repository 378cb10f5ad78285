/** Load on a server that is asked over HTTP: callers that wait for each result before they ask again. */

/** Returns how many asked and got their answer within the time, per second. */
export async function throughput(forMs: number, callers: number, ask: () => Promise<void>): Promise<number> {
  const until = performance.now() + forMs;
  let answered = 0;
  await Promise.all(
    Array.from({ length: callers }, async () => {
      while (performance.now() < until) {
        await ask();
        if (performance.now() < until) answered += 1;
      }
    }),
  );
  return answered / (forMs / 1_000);
}

/** Returns the ms that each of `count` took, one after the other, with a pause between them. */
export async function latencies(count: number, pauseMs: number, ask: () => Promise<void>): Promise<number[]> {
  const samples: number[] = [];
  while (samples.length < count) {
    const began = performance.now();
    await ask();
    samples.push(performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  return samples;
}

/** Posts JSON and reads the answer, which has to be a good one. */
export async function postJson(url: string, body: string): Promise<void> {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const text = await response.text();
  if (!response.ok) throw new Error(`expected ${url} to succeed, found ${response.status}: ${text}`);
}
