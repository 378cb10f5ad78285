import type { ElementRow, Variables } from '@millrace/records';
import { placeOf } from '../apply/loops.ts';
import { elementOf } from '../apply/rows.ts';
import { loopChunkRow } from '../row-keys.ts';
import type { View } from '../view.ts';

/**
 * The variables that every iteration of a loop has for itself. They are no rows: a hundred thousand iterations would have as
 * many copies. What is written to one of them becomes the iteration's own, and is seen instead.
 */
export function iterationVariables(view: View, element: ElementRow): Variables {
  const { instanceId, scopeKey, loopCounter } = element;
  if (loopCounter === undefined) return {};
  const { inputElement, outputElement } = elementOf(view, instanceId, scopeKey).loop ?? {};
  const { chunk, place } = placeOf(loopCounter);
  const items =
    inputElement === undefined ? [] : view.get('loopItems', loopChunkRow(instanceId, scopeKey, chunk))?.items;
  return {
    loopCounter,
    ...(outputElement === undefined ? undefined : { [outputElement]: null }),
    ...(inputElement === undefined ? undefined : { [inputElement]: items?.[place] ?? null }),
  };
}

export function iterationNames(view: View, { instanceId, scopeKey, loopCounter }: ElementRow): readonly string[] {
  if (loopCounter === undefined) return none;
  const { inputElement, outputElement } = elementOf(view, instanceId, scopeKey).loop ?? {};
  return ['loopCounter', inputElement, outputElement].filter((name) => name !== undefined);
}

const none: readonly string[] = [];
