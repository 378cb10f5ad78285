import { OperationalError, messageOf } from '@millrace/std';
import { whatLacks } from './command-shapes.ts';
import type { Command } from './commands.ts';
import type { Event } from './events.ts';

/**
 * Commands and events as JSON bytes. `version` is checked on the way in: a record of a version that this build does not
 * know must stop the reader, for a guess would fork the state.
 */
const VERSION_MAX = 1;

export const recordErrors = {
  MALFORMED_RECORD: { httpStatus: 500, retriable: false },
  UNSUPPORTED_RECORD_VERSION: { httpStatus: 500, retriable: false },
} as const;

export class RecordError extends OperationalError<keyof typeof recordErrors> {
  override readonly name = 'RecordError';

  constructor(code: keyof typeof recordErrors, message: string, options?: ErrorOptions) {
    super(code, recordErrors[code], message, options);
  }
}

const toBytes = new TextEncoder();
const toText = new TextDecoder('utf-8', { fatal: true });

export function encodeCommand(command: Command): Uint8Array {
  return toBytes.encode(JSON.stringify(command));
}

export function decodeCommand(bytes: Uint8Array): Command {
  const record = decode(bytes, 'command');
  const lack = whatLacks(record);
  if (lack !== undefined) throw new RecordError('MALFORMED_RECORD', lack);
  return record as unknown as Command;
}

export function encodeEvent(event: Event): Uint8Array {
  return toBytes.encode(JSON.stringify(event));
}

export function decodeEvent(bytes: Uint8Array): Event {
  return decode(bytes, 'event') as unknown as Event;
}

interface Versioned {
  readonly kind: string;
  readonly version: number;
}

function decode(bytes: Uint8Array, what: string): Versioned {
  const value = parse(bytes, what);
  if (!isVersioned(value)) throw new RecordError('MALFORMED_RECORD', `expected a ${what} with kind and version`);
  if (value.version < 1 || value.version > VERSION_MAX) {
    const found = `${value.kind} version ${value.version}`;
    throw new RecordError(
      'UNSUPPORTED_RECORD_VERSION',
      `expected a ${what} up to version ${VERSION_MAX}, found ${found}`,
    );
  }
  return value;
}

function parse(bytes: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(toText.decode(bytes));
  } catch (thrown) {
    throw new RecordError('MALFORMED_RECORD', `expected a ${what} as JSON: ${messageOf(thrown)}`, { cause: thrown });
  }
}

function isVersioned(value: unknown): value is Versioned {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, version } = value as { kind?: unknown; version?: unknown };
  return typeof kind === 'string' && typeof version === 'number';
}
