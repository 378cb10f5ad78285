import type { ElementRow, EventOf, InstanceId, Key, LoopState } from '@millrace/records';
import { assert } from '@millrace/std';
import { collectKeys } from '../collect.ts';
import { LOOP_CHUNK_ITEMS } from '../limits.ts';
import { elementRow, loopChunkRow, ofScope } from '../row-keys.ts';
import type { State } from '../view.ts';
import type { Appliers } from './apply.ts';
import { changeElement } from './rows.ts';

type Kinds = 'loop.started' | 'loop.collected' | 'loop.deferred' | 'loop.resumed';

export const loopAppliers: Appliers<Kinds> = {
  'loop.started'(state, event) {
    const { instanceId, elementKey, count, items = [], inputElement, outputElement, hops } = event;
    changeElement(state, event, (element) => ({
      ...element,
      tokens: 0,
      loop: {
        begun: 0,
        terminated: 0,
        hops,
        outputBytes: 0,
        ...(count === undefined ? undefined : { count }),
        ...(inputElement === undefined ? undefined : { inputElement }),
        ...(outputElement === undefined ? undefined : { outputElement }),
      },
    }));
    for (let from = 0; from < items.length; from += LOOP_CHUNK_ITEMS) {
      const key = loopChunkRow(instanceId, elementKey, from / LOOP_CHUNK_ITEMS);
      state.put('loopItems', key, { items: items.slice(from, from + LOOP_CHUNK_ITEMS) });
    }
  },

  'loop.collected'(state, event) {
    const { instanceId, elementKey, loopCounter, value, outputBytes } = event;
    const { chunk, place } = placeOf(loopCounter);
    const key = loopChunkRow(instanceId, elementKey, chunk);
    state.put('loopOutputs', key, { values: { ...state.get('loopOutputs', key)?.values, [place]: value } });
    changeLoop(state, event, (loop) => ({ ...loop, outputBytes }));
  },

  'loop.deferred'(state, event) {
    const { instanceId, elementKey, hops } = event;
    state.put('loopDeferred', elementRow(instanceId, elementKey), { elementKey, hops });
  },

  'loop.resumed'(state, event) {
    state.delete('loopDeferred', elementRow(event.instanceId, event.elementKey));
  },
};

/** Where an iteration finds its item, and leaves its result. */
export function placeOf(loopCounter: number): { readonly chunk: number; readonly place: number } {
  const index = loopCounter - 1;
  return { chunk: Math.floor(index / LOOP_CHUNK_ITEMS), place: index % LOOP_CHUNK_ITEMS };
}

export function beginIteration(state: State, { instanceId, scopeKey }: EventOf<'element.entered'>): void {
  changeLoop(state, { instanceId, elementKey: scopeKey }, (loop) => ({ ...loop, begun: loop.begun + 1 }));
}

export function endIteration(state: State, row: ElementRow, hasCompleted: boolean): void {
  if (row.loopCounter === undefined || hasCompleted) return;
  const body = { instanceId: row.instanceId, elementKey: row.scopeKey };
  changeLoop(state, body, (loop) => ({ ...loop, terminated: loop.terminated + 1 }));
}

export function removeLoop(state: State, { instanceId, elementKey, loop }: ElementRow): void {
  if (loop === undefined) return;
  state.delete('loopDeferred', elementRow(instanceId, elementKey));
  for (const table of ['loopItems', 'loopOutputs'] as const) {
    for (const key of collectKeys(state, table, ofScope(instanceId, elementKey))) state.delete(table, key);
  }
}

function changeLoop(
  state: State,
  body: { readonly instanceId: InstanceId; readonly elementKey: Key },
  change: (loop: LoopState) => LoopState,
): void {
  changeElement(state, body, (element) => {
    assert(element.loop !== undefined, `expected element ${body.elementKey} to be a loop`);
    return { ...element, loop: change(element.loop) };
  });
}
