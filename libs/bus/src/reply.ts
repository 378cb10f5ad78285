import { AD_HOC_RESULT, type AdHocAnswer, adHocAnswer } from '@millrace/contract';
import { headers } from './headers.ts';
import { type JsonObject, type JsonValue, readJson, readJsonObject } from './json.ts';
import { type ReceivedRecord, headerText } from './record.ts';
import { type Unusable, unusable } from './unusable.ts';

interface OfJob {
  readonly instanceId: string;
  readonly jobKey: string;
  /** Of the offer that is answered. A completion counts from any attempt, a failure only from the current one. */
  readonly attempt: number;
  readonly traceparent: string | undefined;
}

/** What a record on `engine.receive.*` says. */
export type Reply =
  | (OfJob & { readonly kind: 'completion'; readonly variables: JsonObject })
  // B7.
  | (OfJob & { readonly kind: 'direction'; readonly answer: AdHocAnswer })
  | (OfJob & {
      readonly kind: 'bpmnError';
      readonly code: string;
      readonly message: string;
      readonly variables: JsonObject;
    })
  | (OfJob & { readonly kind: 'failure'; readonly message: string; readonly retryAfterMs: number | undefined })
  // B4. No `mr-job`: a FlowX connector's reply, matched by instance and topic to a receive node that waits.
  | {
      readonly kind: 'flowx';
      readonly instanceId: string;
      readonly value: JsonValue;
      /** The action whose callback it is, its node, and the token, as far as the connector has copied them. */
      readonly callback?: { readonly action: string; readonly elementId?: string; readonly elementKey?: string };
      readonly traceparent: string | undefined;
    }
  | Unusable;

/** Longer messages are cut, so that a stack trace in a header does not become a state row of its size. */
const messageLengthMax = 8192;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function readReply(record: ReceivedRecord, bytesMax?: number): Reply {
  const instanceId = headerText(record, headers.instanceUuid);
  if (instanceId === undefined) return unusable('HEADER_MISSING', missing(headers.instanceUuid));
  if (!uuid.test(instanceId)) return malformed(headers.instanceUuid, 'a UUID', instanceId);
  const traceparent = headerText(record, headers.traceparent);

  const jobKey = headerText(record, headers.job);
  if (jobKey === undefined) {
    const read = readJson(record.value ?? 'null', bytesMax);
    if (read.kind === 'unusable') return read;
    return {
      kind: 'flowx',
      instanceId: instanceId.toLowerCase(),
      value: read.value,
      ...callbackIn(record),
      traceparent,
    };
  }
  if (jobKey === '' || jobKey.length > 200) return malformed(headers.job, 'a job key', jobKey);

  const attemptText = headerText(record, headers.attempt);
  if (attemptText === undefined) return unusable('HEADER_MISSING', missing(headers.attempt));
  const attempt = wholeNumber(attemptText);
  if (attempt === undefined || attempt < 1) return malformed(headers.attempt, 'a whole number from 1', attemptText);

  const job = { instanceId: instanceId.toLowerCase(), jobKey, attempt, traceparent };
  const code = headerText(record, headers.errorCode);
  const message = headerText(record, headers.errorMessage);
  if (code === undefined && message !== undefined) return failure(job, message, record);

  const read = record.value === null || record.value.length === 0 ? empty : readJsonObject(record.value, bytesMax);
  if (read.kind === 'unusable') return read;
  if (code === undefined && headerText(record, headers.result) === AD_HOC_RESULT) return direction(job, read.value);
  if (code === undefined) return { kind: 'completion', ...job, variables: read.value };
  if (code === '') return malformed(headers.errorCode, 'an error code', code);
  return { kind: 'bpmnError', ...job, code, message: cut(message ?? ''), variables: read.value };
}

function callbackIn(record: ReceivedRecord): Pick<Extract<Reply, { kind: 'flowx' }>, 'callback'> {
  const action = nameIn(record, headers.callbacksForAction);
  if (action === undefined) return {};
  const elementId = nameIn(record, headers.destinationId);
  const elementKey = nameIn(record, headers.token);
  return {
    callback: {
      action,
      ...(elementId === undefined ? {} : { elementId }),
      ...(elementKey === undefined ? {} : { elementKey }),
    },
  };
}

/** What names something; what cannot be a name names nothing. */
function nameIn(record: ReceivedRecord, name: string): string | undefined {
  const text = headerText(record, name);
  return text === undefined || text === '' || text.length > 200 ? undefined : text;
}

/** B7. An answer of another shape is a failure that its plugin is told of, like any other. */
function direction(job: OfJob, value: JsonObject): Reply {
  const parsed = adHocAnswer.safeParse(value);
  if (parsed.success) return { kind: 'direction', ...job, answer: parsed.data };
  const [issue] = parsed.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? 'the answer' : issue.path.map(String).join('.');
  const message = `expected an answer that says what the ad-hoc sub-process begins, found ${where}: ${issue?.message ?? ''}`;
  return { kind: 'failure', ...job, message: cut(message), retryAfterMs: undefined };
}

const empty = { kind: 'json', value: {} } as const;

/** A failure's value is not read: whatever the plugin had in hand when it failed is no output. */
function failure(job: OfJob, message: string, record: ReceivedRecord): Reply {
  const text = headerText(record, headers.retryAfter);
  const retryAfterMs = text === undefined ? undefined : wholeNumber(text);
  if (text !== undefined && retryAfterMs === undefined) return malformed(headers.retryAfter, 'milliseconds', text);
  return { kind: 'failure', ...job, message: cut(message), retryAfterMs };
}

function cut(message: string): string {
  return message.length <= messageLengthMax ? message : `${message.slice(0, messageLengthMax)}…`;
}

function wholeNumber(text: string): number | undefined {
  const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(number) ? number : undefined;
}

function missing(name: string): string {
  return `expected the header ${name} (a reply copies all headers of what it answers)`;
}

function malformed(name: string, expected: string, found: string): Unusable {
  return unusable(
    'HEADER_MALFORMED',
    `expected ${expected} in the header ${name}, found ${JSON.stringify(cutShort(found))}`,
  );
}

function cutShort(text: string): string {
  return text.length <= 100 ? text : `${text.slice(0, 100)}…`;
}
