import { z } from 'zod';

/** An object with these fields and no others: a name that was mistyped is an error that says so, and not a field that is left out. */
export function exactly<Shape extends z.ZodRawShape>(shape: Shape) {
  const expected = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? `expected only ${expected}, found ${issue.keys.join(', ')}` : undefined,
  });
}
