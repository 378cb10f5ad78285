/**
 * Every way a call can fail, in one table: the code is stable and is what programs test for; the title is the same for
 * every occurrence; `retriable` says whether sending the same request again can help.
 */
import { OperationalError } from '@millrace/std';

interface ProblemKind {
  readonly httpStatus: number;
  readonly title: string;
  readonly retriable: boolean;
}

const kind = (httpStatus: number, title: string, retriable = false): ProblemKind => ({ httpStatus, title, retriable });

export const problemKinds = {
  NOT_JSON: kind(400, 'The body is not JSON'),
  NOT_UTF8: kind(400, 'The body is not UTF-8'),
  JSON_TOO_DEEP: kind(400, 'The JSON is nested too deep'),
  FORBIDDEN_KEY: kind(400, 'The JSON has a key that may not be used'),
  NUMBER_WOULD_ROUND: kind(400, 'A number would be rounded'),
  INVALID_REQUEST: kind(400, 'The request does not fit its schema'),
  NOT_XML: kind(400, 'The body is not XML'),
  DEPLOYMENT_REFUSED: kind(400, 'The deployment has problems'),
  INVALID_CURSOR: kind(400, 'The cursor is not one that a list gave out'),
  ROUTE_NOT_FOUND: kind(404, 'There is no such call'),
  DEFINITION_NOT_FOUND: kind(404, 'There is no such process definition'),
  DECISION_NOT_FOUND: kind(404, 'There is no such decision'),
  FORM_NOT_FOUND: kind(404, 'There is no such form'),
  INSTANCE_NOT_FOUND: kind(404, 'There is no such process instance'),
  BATCH_NOT_FOUND: kind(404, 'There is no such batch'),
  TOKEN_NOT_FOUND: kind(404, 'The instance has no such token'),
  ACTION_NOT_FOUND: kind(404, 'The token has no such action'),
  TASK_NOT_FOUND: kind(404, 'There is no such task'),
  INCIDENT_NOT_FOUND: kind(404, 'There is no such incident'),
  ACTION_NOT_MANUAL: kind(409, 'The action is executed by itself'),
  ACTION_EXECUTED: kind(409, 'The action is executed once, and has been'),
  ACTION_PARENT_NOT_EXECUTED: kind(409, 'The action follows another that has not been executed'),
  NOT_ALLOWED: kind(409, 'The model does not allow this here'),
  INVALID_STATE: kind(409, 'The state it is in does not allow this'),
  INSTANCE_NOT_RUNNING: kind(409, 'The instance has ended'),
  TASK_NOT_OPEN: kind(409, 'The task is no longer open'),
  TASK_DENIED: kind(409, 'A listener of the task has refused the change'),
  TASK_CLAIMED: kind(409, 'Somebody else has claimed the task'),
  INCIDENT_RESOLVED: kind(409, 'The incident is resolved already'),
  ALREADY_EXISTS: kind(409, 'It exists already'),
  DECISION_FAILED: kind(422, 'The decision has no answer for these variables'),
  DEFINITION_SUSPENDED: kind(409, 'The process is suspended and starts no instances'),
  START_REFUSED: kind(409, 'The process cannot be started this way'),
  BODY_TOO_LARGE: kind(413, 'The body is too large'),
  VARIABLES_TOO_LARGE: kind(413, 'The variables are too large'),
  UNSUPPORTED_MEDIA_TYPE: kind(415, 'The media type is not understood here'),
  INTERNAL: kind(500, 'A fault of ours'),
  LOG_UNAVAILABLE: kind(503, 'The log cannot be reached', true),
  NOT_READY: kind(503, 'The engine is not ready', true),
  OVERLOADED: kind(503, 'Too many calls are waiting', true),
  ANSWER_TIMED_OUT: kind(504, 'The engine has not answered in time', true),
  COMPLETION_TIMED_OUT: kind(504, 'The instance has not completed in time', true),
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof problemKinds;

/** What a problem says beyond its sentence: which fields, which elements, which instance. */
export interface ProblemDetails {
  /** What does not fit, each with the place it was found at. */
  readonly issues?: readonly ProblemIssue[];
  /** The instance that the call reached before it failed. */
  readonly processInstanceUuid?: string;
  /** The state the thing is in, where that is why the call failed. */
  readonly state?: string;
  /** The bound that was hit. */
  readonly limit?: number;
  readonly retryAfterSeconds?: number;
}

export interface ProblemIssue {
  /** Where: `body/amount`, `query/limit`, or the file and element of a model. */
  readonly path?: string;
  readonly file?: string;
  readonly elementId?: string;
  readonly rule?: string;
  readonly severity?: 'error' | 'warning';
  readonly message: string;
  /** What to do about it. */
  readonly mend?: string;
}

/** A call failed in a way that the caller is told about. Thrown by handlers, answered as a problem document. */
export class Problem extends OperationalError<ProblemCode> {
  readonly details: ProblemDetails;

  constructor(code: ProblemCode, message: string, details: ProblemDetails = {}, options?: ErrorOptions) {
    super(code, problemKinds[code], message, options);
    this.details = details;
  }
}
