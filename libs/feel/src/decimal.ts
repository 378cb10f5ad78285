/**
 * Numbers are doubles, but FEEL's are decimal: 0.1 + 0.2 is 0.3. Each operation is done in decimal on the shortest decimal that a
 * double is written as, and its result is the double nearest to that. Whole numbers, which are most, take the short way.
 */
interface Decimal {
  readonly digits: bigint;
  /** value = digits × 10^exponent */
  readonly exponent: number;
}

/** Doubles this far apart cannot change each other's digits. */
const ALIGN_MAX = 60;
const DIVISION_DIGITS = 34n;

export function add(a: number, b: number): number {
  const sum = a + b;
  if (Number.isSafeInteger(sum) && Number.isInteger(a) && Number.isInteger(b)) return sum;
  return inDecimal(a, b, sum, (x, y) => {
    const exponent = Math.min(x.exponent, y.exponent);
    return { digits: align(x, exponent) + align(y, exponent), exponent };
  });
}

export function subtract(a: number, b: number): number {
  return add(a, -b);
}

export function multiply(a: number, b: number): number {
  const product = a * b;
  if (Number.isSafeInteger(product) && Number.isInteger(a) && Number.isInteger(b)) return product;
  return inDecimal(a, b, product, (x, y) => ({ digits: x.digits * y.digits, exponent: x.exponent + y.exponent }));
}

/** `b` is not zero. */
export function divide(a: number, b: number): number {
  const quotient = a / b;
  if (Number.isSafeInteger(quotient) && Number.isInteger(a) && Number.isInteger(b)) return quotient;
  return inDecimal(a, b, quotient, (x, y) => ({
    digits: (x.digits * 10n ** DIVISION_DIGITS) / y.digits,
    exponent: x.exponent - y.exponent - Number(DIVISION_DIGITS),
  }));
}

/** a - b × floor(a / b): has the sign of `b`, which is not zero. */
export function modulo(a: number, b: number): number {
  return inDecimal(a, b, a - b * Math.floor(a / b), (x, y) => {
    const exponent = Math.min(x.exponent, y.exponent);
    const [left, right] = [align(x, exponent), align(y, exponent)];
    const rest = left % right;
    const isOtherSide = rest !== 0n && rest < 0n !== right < 0n;
    return { digits: isOtherSide ? rest + right : rest, exponent };
  });
}

export function power(a: number, b: number): number {
  if (!Number.isInteger(b) || b < 0 || b > 64 || Number.isInteger(a)) return a ** b;
  const base = decimalOf(a);
  return base === undefined ? a ** b : numberOf({ digits: base.digits ** BigInt(b), exponent: base.exponent * b });
}

export type Rounding = 'up' | 'down' | 'half up' | 'half down' | 'half even' | 'floor' | 'ceiling';

/** To `scale` digits behind the point; a negative scale rounds to tens, hundreds … */
export function round(n: number, scale: number, rounding: Rounding): number {
  const decimal = decimalOf(n);
  if (decimal === undefined || -decimal.exponent <= scale) return n;
  const unit = 10n ** BigInt(Math.min(-scale - decimal.exponent, 400));
  const isNegative = decimal.digits < 0n;
  const size = isNegative ? -decimal.digits : decimal.digits;
  const whole = size / unit;
  const rest = size % unit;
  const goesUp = rest !== 0n && awayFromZero(rounding, { rest, unit, whole, isNegative });
  const digits = whole + (goesUp ? 1n : 0n);
  return numberOf({ digits: isNegative ? -digits : digits, exponent: -scale });
}

function awayFromZero(
  rounding: Rounding,
  { rest, unit, whole, isNegative }: { rest: bigint; unit: bigint; whole: bigint; isNegative: boolean },
): boolean {
  const twice = rest * 2n;
  switch (rounding) {
    case 'up':
      return true;
    case 'down':
      return false;
    case 'floor':
      return isNegative;
    case 'ceiling':
      return !isNegative;
    case 'half up':
      return twice >= unit;
    case 'half down':
      return twice > unit;
    default:
      return twice > unit || (twice === unit && whole % 2n === 1n);
  }
}

/** Without an exponent, as FEEL writes numbers. */
export function decimalText(n: number): string {
  const text = String(n === 0 ? 0 : n);
  if (!text.includes('e')) return text;
  const decimal = decimalOf(n);
  if (decimal === undefined) return text;
  const sign = decimal.digits < 0n ? '-' : '';
  const digits = String(decimal.digits < 0n ? -decimal.digits : decimal.digits);
  if (decimal.exponent >= 0) return sign + digits + '0'.repeat(decimal.exponent);
  const padded = digits.padStart(1 - decimal.exponent, '0');
  return `${sign}${padded.slice(0, decimal.exponent)}.${padded.slice(decimal.exponent)}`;
}

function inDecimal(a: number, b: number, fallback: number, compute: (x: Decimal, y: Decimal) => Decimal): number {
  const x = decimalOf(a);
  const y = decimalOf(b);
  if (x === undefined || y === undefined || Math.abs(x.exponent - y.exponent) > ALIGN_MAX) return fallback;
  return numberOf(compute(x, y));
}

function decimalOf(n: number): Decimal | undefined {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(n));
  if (match === null) return undefined; // Infinity, NaN
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const digits = BigInt(whole + fraction);
  return { digits: sign === '-' ? -digits : digits, exponent: Number(exponent) - fraction.length };
}

function numberOf({ digits, exponent }: Decimal): number {
  return Number(`${digits}e${exponent}`);
}

function align({ digits, exponent }: Decimal, to: number): bigint {
  return digits * 10n ** BigInt(exponent - to);
}
