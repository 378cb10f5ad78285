/** An invariant of ours does not hold. Nobody catches this below the app: it stops the partition or the process. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** States what must hold here. The message says what was expected; put what was found into it when that is cheap. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** Ends a switch over a union: the compiler refuses it while a case is missing. */
export function unreachable(value: never): never {
  throw new AssertionError(`expected this to be unreachable, found ${JSON.stringify(value)}`);
}
