import { readFileSync } from 'node:fs';
import { messageOf } from '@millrace/std';

import { CliFailure, EXIT_USAGE } from './failure.ts';

/**
 * The variables of `--variables` (a JSON object, or `@file`) with those of `--var name=value` set over them.
 * The text goes to the server as it is where it can, so that the server is who judges its numbers.
 */
export function variablesText(json: string | undefined, pairs: readonly string[]): string {
  const text = json === undefined ? '{}' : json.startsWith('@') ? contentsOf(json.slice(1)) : json;
  if (pairs.length === 0) return text;
  const variables = objectOf(text);
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at < 1) throw new CliFailure(`expected --var name=value, found ${pair}`, { exitCode: EXIT_USAGE });
    variables[pair.slice(0, at)] = valueOf(pair.slice(at + 1));
  }
  return JSON.stringify(variables);
}

function contentsOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CliFailure(`expected a file with variables at ${path}: ${messageOf(error)}`, { exitCode: EXIT_USAGE });
  }
}

function objectOf(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new CliFailure(`expected --variables to be JSON: ${messageOf(error)}`, { exitCode: EXIT_USAGE });
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new CliFailure(`expected --variables to be a JSON object, found ${text.slice(0, 80)}`, {
      exitCode: EXIT_USAGE,
    });
  }
  return value as Record<string, unknown>;
}

/** `3`, `true`, `null`, `[1]`, `{"a":1}` are JSON; anything else is the string itself, so that names need no quotes. */
function valueOf(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    // A number that JSON would round is more likely an account number than a quantity: it stays as it was typed.
    return typeof value === 'number' && String(value) !== text ? text : value;
  } catch {
    return text;
  }
}
