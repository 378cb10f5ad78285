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

/** Files under this ending are being written; what a crash leaves of them is removed. */
export const TEMPORARY = '.tmp';
