import { parseArgs } from 'node:util';
import type { z } from 'zod';

/** One setting: where it comes from, what it must be, and what `--help` says of it. */
export interface Setting<Schema extends z.ZodType = z.ZodType> {
  /** Gives the default too: a schema that accepts `undefined` makes the setting optional. */
  readonly schema: Schema;
  /** Without the dashes; not given: only by the environment (secrets, which do not belong on a command line). */
  readonly flag?: string;
  readonly variable: string;
  readonly help: string;
}

export type SettingsTable = Readonly<Record<string, Setting>>;
export type Settings<Table extends SettingsTable> = { readonly [Name in keyof Table]: z.output<Table[Name]['schema']> };
type SettingsInput<Table extends SettingsTable> = { readonly [Name in keyof Table]?: z.input<Table[Name]['schema']> };

/** The command line or the environment says something that cannot be. `problems` has one sentence for each. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('; '));
    this.problems = problems;
  }
}

/**
 * Reads the settings of a process. The flag wins over the environment, the environment over the default.
 *
 * @throws SettingsError with every problem, in the words of the flag or variable that has it
 */
export function readSettings<const Table extends SettingsTable>(
  table: Table,
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Settings<Table> {
  const flags = readFlags(table, args);
  const given: Record<string, string> = {};
  for (const [name, { flag, variable }] of Object.entries(table)) {
    // An empty variable is what compose files and shells make of an unset one.
    const fromEnvironment = environment[variable] === '' ? undefined : environment[variable];
    const value = (flag === undefined ? undefined : flags[flag]) ?? fromEnvironment;
    if (value !== undefined) given[name] = value;
  }
  return checkSettings(table, given as SettingsInput<Table>);
}

/** Checks settings given as values; what is left out gets its default. */
export function checkSettings<const Table extends SettingsTable>(
  table: Table,
  given: SettingsInput<Table>,
): Settings<Table> {
  const problems: string[] = [];
  const settings: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(table)) {
    const result = setting.schema.safeParse(given[name]);
    if (result.success) settings[name] = result.data;
    else problems.push(...result.error.issues.map((issue) => `${nameOf(setting)}: ${issue.message}`));
  }
  if (problems.length > 0) throw new SettingsError(problems);
  return settings as Settings<Table>;
}

/** The part of `--help` that lists the settings. */
export function helpText(table: SettingsTable): string {
  const rows = Object.values(table).map((setting) => ({
    left: setting.flag === undefined ? '' : `--${setting.flag}`,
    variable: setting.variable,
    right: setting.help + defaultOf(setting),
  }));
  const width = (cells: readonly string[]): number => Math.max(...cells.map((cell) => cell.length));
  const [left, variable] = [width(rows.map((row) => row.left)), width(rows.map((row) => row.variable))];
  return rows.map((row) => `  ${row.left.padEnd(left)}  ${row.variable.padEnd(variable)}  ${row.right}`).join('\n');
}

function nameOf({ flag, variable }: Setting): string {
  return flag === undefined ? variable : `--${flag} (${variable})`;
}

function defaultOf({ schema }: Setting): string {
  const result = schema.safeParse(undefined);
  if (!result.success || result.data === undefined) return '';
  const value: unknown = result.data;
  const isAddress = typeof value === 'object' && value !== null && 'host' in value && 'port' in value;
  return ` (${isAddress ? `${String(value.host)}:${String(value.port)}` : JSON.stringify(value)})`;
}

function readFlags(table: SettingsTable, args: readonly string[]): Record<string, string | undefined> {
  const flags = Object.values(table).flatMap(({ flag }) => (flag === undefined ? [] : [flag]));
  try {
    const options = Object.fromEntries(flags.map((flag) => [flag, { type: 'string' as const }]));
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new SettingsError([error instanceof Error ? error.message : String(error)]);
  }
}
