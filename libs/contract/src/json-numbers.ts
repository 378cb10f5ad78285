/**
 * Whether a JSON number means the same after it went through a double: the shortest text that gives the double back
 * must have the same decimal value as the text that came in. `1.50` and `15e-1` mean the same as `1.5`.
 */
export function isExact(source: string, value: number): boolean {
  if (!Number.isFinite(value)) return false;
  const before = decimalOf(source);
  const after = decimalOf(String(value));
  return before.digits === after.digits && (before.digits === '' || before.exponent === after.exponent);
}

/** The number as `0.digits × 10^exponent`, digits without zeros at either end. The sign cannot change, so it is left out. */
function decimalOf(source: string): { digits: string; exponent: number } {
  const [mantissa = '', exponentText] = source.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.replace(/^[+-]/, '').split('.');
  const all = whole + fraction;
  const leading = all.length - all.replace(/^0+/, '').length;
  // Not a regular expression on the end: `/0+$/` is quadratic on long runs of zeros inside.
  let end = all.length;
  while (end > leading && all.charCodeAt(end - 1) === 0x30) end -= 1;
  return { digits: all.slice(leading, end), exponent: whole.length - leading + Number(exponentText ?? 0) };
}
