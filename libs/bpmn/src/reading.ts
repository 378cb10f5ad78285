import { type ModdleElement, describe, many, text } from '@millrace/moddle';
import type { Expression, Mapping } from './model.ts';
import type { TimerKind } from './model-triggers.ts';
import { extension } from './moddle.ts';
import type { Problems, Rule } from './problem.ts';

/** What the model needs to know about FEEL and time, passed in: this lib reads BPMN and nothing else. */
export interface ExpressionChecks {
  /** Says what is wrong with the syntax of a FEEL text (without the leading `=`), or undefined. */
  checkExpression(text: string): string | undefined;
  /** Says what is wrong with a literal timer (ISO 8601), or undefined. */
  checkTimer(kind: TimerKind, text: string): string | undefined;
}

/**
 * What every reader below gets. A reader that meets a problem notes it and returns undefined: a model with an error is never
 * executed, so that nothing sensible has to be put in its place.
 */
export interface Reading {
  readonly problems: Problems;
  readonly checks: ExpressionChecks;
}

/** `owner` is who the problem is told about: the flow node, not the extension element within it. */
export function readExpression(reading: Reading, owner: ModdleElement, source: string): Expression | undefined {
  if (!source.startsWith('=')) return { kind: 'literal', value: source };
  const feel = source.slice(1).trim();
  const wrong = reading.checks.checkExpression(feel);
  if (wrong === undefined) return { kind: 'feel', text: feel };
  reading.problems.error(owner, 'expression', `${describe(owner)}: ${wrong}`);
  return undefined;
}

/** An optional attribute of an extension element as an expression. */
export function optionalExpression(
  reading: Reading,
  owner: ModdleElement,
  element: ModdleElement,
  property: string,
): Expression | undefined {
  const source = text(element, property);
  return source === undefined ? undefined : readExpression(reading, owner, source);
}

/** An attribute that must be there. */
export function requiredExpression(
  reading: Reading,
  owner: ModdleElement,
  element: ModdleElement,
  property: string,
  rule: Rule,
): Expression | undefined {
  const source = text(element, property);
  if (source !== undefined) return readExpression(reading, owner, source);
  reading.problems.error(owner, rule, `expected ${describe(owner)} to have a ${property} in its ${element.$type}`);
  return undefined;
}

/** An optional ISO 8601 duration. */
export function optionalDuration(
  reading: Reading,
  owner: ModdleElement,
  element: ModdleElement,
  property: string,
  rule: Rule,
): Expression | undefined {
  const expression = optionalExpression(reading, owner, element, property);
  if (expression?.kind !== 'literal') return expression;
  const wrong = reading.checks.checkTimer('duration', expression.value);
  if (wrong === undefined) return expression;
  reading.problems.error(owner, rule, `${describe(owner)}: ${property}: ${wrong}`);
  return undefined;
}

export interface IoMapping {
  readonly inputs: readonly Mapping[];
  readonly outputs: readonly Mapping[];
}

/** `zeebe:ioMapping`. */
export function readIoMapping(reading: Reading, owner: ModdleElement): IoMapping {
  const mapping = extension(owner, 'zeebe:IoMapping');
  if (mapping === undefined) return { inputs: [], outputs: [] };
  const read = (property: string): Mapping[] =>
    many(mapping, property)
      .map((parameter) => readMapping(reading, owner, parameter))
      .filter((parameter) => parameter !== undefined);
  return { inputs: read('inputParameters'), outputs: read('outputParameters') };
}

const TARGET_PATH = /^[\p{L}_][\p{L}\p{N}_]*(\.[\p{L}_][\p{L}\p{N}_]*)*$/u;

function readMapping(reading: Reading, owner: ModdleElement, parameter: ModdleElement): Mapping | undefined {
  const source = requiredExpression(reading, owner, parameter, 'source', 'mapping');
  const target = text(parameter, 'target') ?? '';
  if (!TARGET_PATH.test(target) || target.split('.').includes('__proto__')) {
    const wrong = `expected each mapping of ${describe(owner)} to have a variable name as target, found "${target}"`;
    reading.problems.error(owner, 'mapping', wrong);
    return undefined;
  }
  const [first = target, ...rest] = target.split('.');
  return source === undefined ? undefined : { source, target: [first, ...rest] };
}

/** `zeebe:taskHeaders`: constants, handed on as they are. */
export function readTaskHeaders(owner: ModdleElement): Record<string, string> {
  const headers = extension(owner, 'zeebe:TaskHeaders');
  return headers === undefined ? {} : readHeaders(headers);
}

export function readHeaders(headers: ModdleElement): Record<string, string> {
  const entries = many(headers, 'values').map(
    (header) => [text(header, 'key') ?? '', text(header, 'value') ?? ''] as const,
  );
  return Object.fromEntries(entries.filter(([key]) => key !== ''));
}
