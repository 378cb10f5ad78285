import { expect } from 'vitest';
import type { ElementRow, Event, EventOf, InstanceRow, JoinRow } from '@millrace/records';
import type { Cluster } from './cluster.ts';

/** What holds whenever nothing is under way, whatever has happened before. Checked after every scenario step. */
export function checkSound(cluster: Cluster): void {
  const endedIds = new Set<string>();
  for (const event of cluster.events) {
    if (event.kind === 'instance.started') endedIds.delete(event.instanceId);
    else if (isEnd(event)) endedIds.add(event.instanceId);
  }
  for (const { state, folded } of cluster.partitions) {
    const dump = state.dump();
    expect(folded.dump(), 'fold(events) = state, through bytes').toEqual(dump);
    checkTokens(dump);
    checkLeftovers(dump, endedIds);
  }
}

type End = EventOf<'instance.completed' | 'instance.terminated' | 'instance.cancelled'>;

function isEnd(event: Event): event is End {
  return /^instance\.(completed|terminated|cancelled)$/.test(event.kind);
}

/** E5. */
function checkTokens(dump: Record<string, Record<string, unknown>>): void {
  for (const instance of Object.values(dump['instance'] ?? {}) as InstanceRow[]) {
    const own = (table: string) =>
      Object.entries(dump[table] ?? {}).filter(([key]) => key.startsWith(`${instance.instanceId}/`));
    const elements = own('element') as [string, ElementRow][];
    const joins = own('join') as [string, JoinRow][];
    const waiting = joins.flatMap(([, { waiting }]) => Object.values(waiting)).reduce((sum, count) => sum + count, 0);
    const counted = elements.length + waiting + own('deferred').length;
    expect(instance.tokens, `tokens of ${instance.instanceId}`).toBe(counted);
    expect(instance.phase === 'ending' || instance.tokens > 0, 'a live instance has a token').toBe(true);
  }
}

/** E6. A message that an instance has taken may live on; it knows its process, not the instance. */
function checkLeftovers(dump: Record<string, Record<string, unknown>>, endedIds: ReadonlySet<string>): void {
  for (const [table, rows] of Object.entries(dump)) {
    if (table === 'remembered' || table === 'timer') continue;
    for (const [key, row] of Object.entries(rows)) {
      const text = key + JSON.stringify(row);
      const left = [...endedIds].find((id) => text.includes(id));
      expect(left, `the row ${table} ${key} mentions an ended instance`).toBeUndefined();
    }
  }
}
