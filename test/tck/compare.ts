import { Run, equals, isContext, isList } from '@millrace/feel';

/** The TCK compares numbers to this precision: not every engine has the same digits. */
const PRECISION = 1e-8;

/** Whether a value is the expected one: lists by items, contexts by entries, an entry that is null as one that is not there. */
export function isExpected(expected: unknown, actual: unknown): boolean {
  if (expected === null || actual === null) return expected === actual;
  if (typeof expected === 'number') return typeof actual === 'number' && Math.abs(expected - actual) < PRECISION;
  if (isList(expected)) {
    return (
      isList(actual) &&
      expected.length === actual.length &&
      expected.every((item, index) => isExpected(item, actual[index] ?? null))
    );
  }
  if (isContext(expected)) {
    if (!isContext(actual)) return false;
    const names = new Set([...Object.keys(expected), ...Object.keys(actual)]);
    return [...names].every((name) => isExpected(expected[name] ?? null, actual[name] ?? null));
  }
  return equals(expected, actual, new Run(0)) === true;
}
