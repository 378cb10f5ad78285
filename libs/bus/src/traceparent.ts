/** W3C Trace Context: `version-traceid-parentid-flags`. Only what passing it on needs. */
export interface TraceParent {
  readonly traceId: string;
  readonly parentId: string;
  readonly flags: string;
}

/** Source: W3C Trace Context §3.2. A later version may append fields; `ff` and all-zero ids are invalid. */
export function parseTraceparent(text: string | undefined): TraceParent | undefined {
  if (text === undefined) return undefined;
  const match = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/.exec(text);
  if (match === null) return undefined;
  const [, traceId = '', parentId = '', flags = ''] = match;
  if (/^0+$/.test(traceId) || /^0+$/.test(parentId)) return undefined;
  return { traceId, parentId, flags };
}

/** The same trace with the caller's own span as parent. `spanId` is 8 bytes that are not all zero. */
export function childTraceparent(parent: TraceParent, spanId: Uint8Array): string {
  const hex = Array.from(spanId, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return `00-${parent.traceId}-${hex}-${parent.flags}`;
}
