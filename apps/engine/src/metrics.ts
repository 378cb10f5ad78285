import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { EngineDependencies } from './dependencies.ts';

/** What Prometheus scrapes. Values that somebody keeps anyway are read when they are asked for. */
export function createMetrics({ projection, runtime }: EngineDependencies): {
  contentType: string;
  text(): Promise<string>;
} {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const events = new Counter({
    name: 'millrace_events_total',
    help: 'Events that this process has seen since it was ready, by kind',
    labelNames: ['kind'],
    registers: [registry],
  });
  projection.feed.subscribe((batch) => {
    // While the read models are built, the past goes by: it is not news.
    if (!projection.health().isReady) return;
    for (const { event } of batch.events) events.inc({ kind: event.kind });
  });
  const gauge = (name: string, help: string, labelNames: string[], collect: (one: Gauge) => void): void => {
    const one: Gauge = new Gauge({ name, help, labelNames, registers: [registry], collect: () => collect(one) });
  };
  gauge('millrace_waiting_calls', 'Calls that wait for an event', [], (one) => one.set(projection.waiters.count));
  gauge('millrace_feed_position', 'Offset of the next event to come', ['partition'], (one) => {
    for (const [partition, offset] of projection.feed.positions.entries()) one.set({ partition }, offset);
  });
  gauge('millrace_partition_running', 'Whether this process runs the partition', ['partition'], (one) => {
    for (const { partition, phase } of runtime.stats().partitions) one.set({ partition }, phase === 'running' ? 1 : 0);
  });
  gauge('millrace_commands_queued', 'Commands fetched and not yet decided', ['partition'], (one) => {
    for (const { partition, queuedCommands } of runtime.stats().partitions) one.set({ partition }, queuedCommands);
  });
  gauge('millrace_commands_decided', 'Commands decided since the start of the process', ['partition'], (one) => {
    for (const { partition, commands } of runtime.stats().partitions) one.set({ partition }, commands);
  });
  gauge('millrace_dead_letters', 'Records that could not be used since the start of the process', [], (one) =>
    one.set(runtime.stats().ingress.deadLetters),
  );
  return { contentType: registry.contentType, text: () => registry.metrics() };
}
