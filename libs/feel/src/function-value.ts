import type { Run } from './run.ts';

/** A built-in function, one that an expression defines, or one that a caller passes in as a variable. */
export class FunctionValue {
  /** The names of the arguments, for each way to call it. */
  readonly signatures: readonly (readonly string[])[];
  /** Whether the last parameter takes any number of arguments. */
  readonly isVariadic: boolean;
  /** Arguments that are not given are undefined, or missing at the end. `signature`: the one of `signatures` that their names chose. */
  readonly call: (args: readonly unknown[], run: Run, signature?: readonly string[]) => unknown;

  constructor(
    signatures: readonly (readonly string[])[],
    call: (args: readonly unknown[], run: Run, signature?: readonly string[]) => unknown,
    options: { readonly isVariadic?: boolean } = {},
  ) {
    this.signatures = signatures;
    this.call = call;
    this.isVariadic = options.isVariadic ?? false;
  }

  takes(count: number): boolean {
    return this.isVariadic || this.signatures.some((names) => names.length >= count);
  }

  toString(): string {
    return this.signatures.map((names) => `(${names.join(', ')})`).join(' or ');
  }
}
