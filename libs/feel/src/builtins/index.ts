import type { FunctionValue } from '../function-value.ts';
import { contextFunctions } from './contexts.ts';
import { conversionFunctions } from './conversions.ts';
import { listFunctions } from './lists.ts';
import { numberFunctions } from './numbers.ts';
import { rangeFunctions } from './ranges.ts';
import { textFunctions } from './texts.ts';
import { temporalFunctions } from './temporals.ts';

/** The functions of DMN 1.5, 10.3.4, and those that Camunda's FEEL adds, by name. */
const functions: ReadonlyMap<string, FunctionValue> = new Map([
  ...conversionFunctions,
  ...textFunctions,
  ...numberFunctions,
  ...listFunctions,
  ...contextFunctions,
  ...temporalFunctions,
  ...rangeFunctions,
]);

export function builtIn(name: string): FunctionValue | undefined {
  return functions.get(name);
}
