import type { Rejection } from './types.ts';

export function offline(partition: string, reason: string): Rejection {
  return { error: 'KAFKA_STORAGE_ERROR', message: `partition ${partition} is offline: ${reason}` };
}

export function unreadable(partition: string, found: string): Rejection {
  return { error: 'KAFKA_STORAGE_ERROR', message: `expected to read ${partition}, found: ${found}` };
}

export function outOfRange(partition: string, offset: number, start: number, end: number): Rejection {
  return {
    error: 'OFFSET_OUT_OF_RANGE',
    message: `expected an offset of ${partition} in ${start} to ${end}, found ${offset}`,
  };
}
