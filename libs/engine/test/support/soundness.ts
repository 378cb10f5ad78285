import { expect } from 'vitest';
import type {
  DeferredRow,
  ElementRow,
  Event,
  EventOf,
  InstanceRow,
  JoinRow,
  LoopDeferredRow,
  MessageRow,
} from '@millrace/records';
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
    checkCalls(dump);
    checkLeftovers(dump, endedIds);
  }
}

type End = EventOf<'instance.completed' | 'instance.terminated' | 'instance.cancelled'>;

function isEnd(event: Event): event is End {
  return /^instance\.(completed|terminated|cancelled)$/.test(event.kind);
}

/** E5. */
function checkTokens(dump: Record<string, Record<string, unknown>>): void {
  const heard = heardToEnd(dump);
  for (const instance of Object.values(dump['instance'] ?? {}) as InstanceRow[]) {
    const { instanceId, phase } = instance;
    const own = <Row>(table: string) =>
      Object.entries(dump[table] ?? {}).filter(([key]) => key.startsWith(`${instanceId}/`)) as [string, Row][];
    const elements = own<ElementRow>('element').map(([, row]) => row);
    const joins = own<JoinRow>('join');
    const deferred = own<DeferredRow>('deferred').map(([, row]) => row);
    const loops = own<LoopDeferredRow>('loopDeferred').map(([, row]) => row.elementKey);
    const counted = (scopeKey: string): number => {
      const waiting = joins
        .filter(([key]) => key.split('/')[1] === (scopeKey === instanceId ? '' : scopeKey))
        .flatMap(([, row]) => Object.values(row.waiting))
        .reduce((sum, count) => sum + count, 0);
      const inside = [...elements, ...deferred].filter((row) => row.scopeKey === scopeKey).length;
      return inside + waiting;
    };
    /** What is in a scope that is being closed is taken away, and the tokens that were on their way in it are gone already. */
    const isClosing = (scopeKey: string): boolean => {
      if (scopeKey === instanceId) return instance.closing !== undefined;
      const scope = elements.find(({ elementKey }) => elementKey === scopeKey);
      return scope !== undefined && (scope.closing !== undefined || isClosing(scope.scopeKey));
    };
    expect(instance.tokens, `tokens of ${instanceId}`).toBe(counted(instanceId));
    expect(phase === 'ending' || instance.tokens > 0, 'a live instance has a token').toBe(true);
    const children: string[] = [];
    for (const element of elements) {
      const { elementId, elementKey, scopeKey } = element;
      const [kept, found] = [element.tokens ?? 0, counted(elementKey)];
      if (isClosing(elementKey))
        expect(kept, `tokens of ${elementId}, which is being closed`).toBeGreaterThanOrEqual(found);
      else expect(kept, `tokens of ${elementId}`).toBe(found);
      if (scopeKey !== instanceId) children.push(`${instanceId}/${scopeKey}/${elementKey}`);
      // What is being closed in slices, or begun, waits for its turn while the instance is suspended.
      const standsStill =
        element.incidentKey !== undefined ||
        element.listening !== undefined ||
        heard.has(instanceId) ||
        // What it holds is closed before it, and something beside it may wait for a listener first.
        phase === 'ending' ||
        isClosing(elementKey) ||
        loops.includes(elementKey) ||
        instance.isSuspended === true;
      const hasTokens =
        element.elementKind === 'adHocSubProcess' ||
        element.actions !== undefined ||
        element.tokens === undefined ||
        element.tokens > 0 ||
        standsStill;
      if (!isClosing(elementKey)) checkActions(element, elements);
      expect(hasTokens, `a live scope has a token: ${elementId}`).toBe(true);
    }
    const listed = own('child').map(([key]) => key);
    expect(listed, 'children are listed, and no others').toEqual(children.sort());
  }
}

/** A1. What the node counts as running are the elements in it. */
function checkActions({ elementId, elementKey, actions }: ElementRow, elements: readonly ElementRow[]): void {
  if (actions === undefined) return;
  const within = elements.filter(({ scopeKey }) => scopeKey === elementKey);
  for (const [name, { running = 0 }] of Object.entries(actions)) {
    const found = within.filter((row) => row.elementId === `${elementId}:${name}`);
    expect(running, `executions of ${name} at ${elementId}`).toBe(found.length);
  }
}

/** Who has called waits for an instance that is there, and the other way round. */
function checkCalls(dump: Record<string, Record<string, unknown>>): void {
  const instances = Object.values(dump['instance'] ?? {}) as InstanceRow[];
  const elements = Object.values(dump['element'] ?? {}) as ElementRow[];
  // What a suspended instance closes in slices stands still half way: the called instance may have ended by then.
  const standing = new Set(instances.filter(({ isSuspended }) => isSuspended === true).map((row) => row.instanceId));
  const heard = heardToEnd(dump);
  const callers = new Set(elements.map(({ elementKey }) => elementKey));
  const called = instances.flatMap(({ parent, instanceId }) => {
    if (parent === undefined || (heard.has(instanceId) && !callers.has(parent.elementKey))) return [];
    return [`${parent.instanceId} ${parent.elementKey} ${instanceId}`];
  });
  const calling = elements
    .filter(({ calledId }) => calledId !== undefined)
    .map((row) => ({ row, text: `${row.instanceId} ${row.elementKey} ${row.calledId}` }))
    .filter(({ row, text }) => called.includes(text) || !standing.has(row.instanceId))
    .map(({ text }) => text);
  expect(called.sort(), 'called instances and their callers').toEqual(calling.sort());
}

/** Instances that have been cancelled, perhaps by a caller that is gone, and end when those who listen to that have answered. */
function heardToEnd(dump: Record<string, Record<string, unknown>>): ReadonlySet<string> {
  const elements = Object.values(dump['element'] ?? {}) as ElementRow[];
  return new Set(
    elements
      .filter(({ listening, instanceId }) => {
        const phase = (dump['instance']?.[instanceId] as InstanceRow | undefined)?.phase;
        return phase === 'ending' && listening?.on === 'canceling';
      })
      .map(({ instanceId }) => instanceId),
  );
}

/**
 * What may name an instance that has ended: a message whom it has reached, until all have answered, and one that is suspended takes its
 * time; what a suspended instance closes in slices, and what it had called.
 */
function withoutEnded(dump: Record<string, Record<string, unknown>>, table: string, row: unknown): unknown {
  if (table === 'message') return { ...(row as MessageRow), reached: [] };
  if (table !== 'element') return row;
  const { calledId, ...element } = row as ElementRow;
  const instance = dump['instance']?.[element.instanceId] as InstanceRow | undefined;
  return instance?.isSuspended === true ? element : { ...element, calledId };
}

/** E6. A message that an instance has taken may live on; it knows its process, not the instance. A signal's answer
 *  is kept for whoever asks again. */
function checkLeftovers(dump: Record<string, Record<string, unknown>>, endedIds: ReadonlySet<string>): void {
  const heard = heardToEnd(dump);
  for (const [table, rows] of Object.entries(dump)) {
    if (table === 'remembered' || table === 'timer' || table === 'signal' || table === 'signalId') continue;
    for (const [key, row] of Object.entries(rows)) {
      if (table === 'instance' && heard.has(key)) continue;
      const text = key + JSON.stringify(withoutEnded(dump, table, row));
      const left = [...endedIds].find((id) => text.includes(id));
      expect(left, `the row ${table} ${key} mentions an ended instance`).toBeUndefined();
    }
  }
}
