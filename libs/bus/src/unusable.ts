/** Why a record could not be used. The code goes into the dead letter's `mr-dead-reason`. */
export const unusableReasons = {
  VALUE_TOO_LARGE: 'the value is larger than the limit',
  NOT_UTF8: 'the value is no UTF-8 text',
  NOT_JSON: 'the value is no JSON',
  TOO_DEEP: 'the JSON is nested too deeply',
  FORBIDDEN_KEY: 'the JSON has a key "__proto__"',
  LOSSY_NUMBER: 'the JSON has a number that would be rounded',
  WRONG_SHAPE: 'the JSON does not have the shape this topic asks for',
  HEADER_MISSING: 'a header is missing',
  HEADER_MALFORMED: 'a header has a value that can not be read',
  UNKNOWN_PROCESS: 'no process of that name is deployed',
  NOT_FOUND: 'nothing in the engine waits for it',
  INVALID_STATE: 'what it refers to is not in a state for it',
  UNSUPPORTED: 'this version does not support it',
  UNDECODABLE_COMMAND: 'the command can not be decoded',
} as const;

export type UnusableReason = keyof typeof unusableReasons;

export interface Unusable {
  readonly kind: 'unusable';
  readonly reason: UnusableReason;
  /** A sentence for whoever looks at the dead letter. */
  readonly message: string;
}

export function unusable(reason: UnusableReason, detail?: string): Unusable {
  return { kind: 'unusable', reason, message: detail ?? unusableReasons[reason] };
}
