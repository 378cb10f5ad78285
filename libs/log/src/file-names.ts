/** Kinds of files that carry an offset in their name. */
export type FileKind = 'log' | 'index' | 'timeindex' | 'txnindex' | 'snapshot';

const DIGITS = 20;

/** `00000000000000000042.log`: names sort as their offsets do. */
export function offsetFileName(offset: number, kind: FileKind): string {
  return `${String(offset).padStart(DIGITS, '0')}.${kind}`;
}

const pattern = /^(\d{20})\.(log|index|timeindex|txnindex|snapshot)$/;

export function parseOffsetFileName(name: string): { readonly offset: number; readonly kind: FileKind } | undefined {
  const match = pattern.exec(name);
  return match === null ? undefined : { offset: Number(match[1]), kind: match[2] as FileKind };
}

/** Several segments that compaction made one: `from` is the first offset, `to` where the next segment begins. */
export function swapFileName(from: number, to: number): string {
  return `${String(from).padStart(DIGITS, '0')}-${String(to).padStart(DIGITS, '0')}.swap`;
}

const swapPattern = /^(\d{20})-(\d{20})\.swap$/;

export function parseSwapFileName(name: string): { readonly from: number; readonly to: number } | undefined {
  const match = swapPattern.exec(name);
  return match === null ? undefined : { from: Number(match[1]), to: Number(match[2]) };
}

/** Files under this ending are being written; what a crash leaves of them is removed. */
export const TEMPORARY = '.tmp';
