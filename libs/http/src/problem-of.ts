import { limits, Problem, type ProblemIssue, problemKinds } from '@millrace/contract';
import { OperationalError } from '@millrace/std';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';

// More issues than a person reads would only make the answer large.
const ISSUES_MAX = 100;

/**
 * Turns whatever a handler or Fastify threw into the problem that the caller is told. Undefined for what nobody foresaw:
 * that is a fault of ours, whose message is for the log and not for the caller.
 */
export function problemOf(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  if (hasZodFastifySchemaValidationErrors(error)) return schemaProblem(error);
  if (error instanceof OperationalError) return operationalProblem(error);
  switch ((error as { code?: unknown } | undefined)?.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
    case 'FST_REQ_FILE_TOO_LARGE':
      return new Problem(
        'BODY_TOO_LARGE',
        `expected a body of at most ${limits.bodyBytesMax} bytes, found a larger one`,
        {
          limit: limits.bodyBytesMax,
        },
      );
    case 'FST_FILES_LIMIT':
    case 'FST_PARTS_LIMIT':
      return new Problem('BODY_TOO_LARGE', `expected at most ${limits.deploymentFilesMax} files, found more`, {
        limit: limits.deploymentFilesMax,
      });
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_INVALID_MULTIPART_CONTENT_TYPE':
      return new Problem('UNSUPPORTED_MEDIA_TYPE', `expected another content type: ${(error as Error).message}`);
    case 'FST_ERR_ROUTE_MISSING_CONTENT_TYPE':
      // Of the method QUERY without a body: Fastify asks for the content type before it looks for the route.
      return new Problem('ROUTE_NOT_FOUND', 'expected a call that exists, found one by the method QUERY');
    case 'FST_ERR_MAX_PARAM_LENGTH':
      // Fastify's own sentence repeats the whole path.
      return new Problem('INVALID_REQUEST', 'expected a shorter path, found a part of it longer than any id or name');
    default:
      return frameworkProblem(error);
  }
}

/** What Fastify and its plugins blame on the caller is the caller's, also where nobody has named it here. */
function frameworkProblem(error: unknown): Problem | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  const isBlamed = typeof code === 'string' && code.startsWith('FST_') && typeof statusCode === 'number';
  return isBlamed && statusCode >= 400 && statusCode < 500 ? new Problem('INVALID_REQUEST', error.message) : undefined;
}

function schemaProblem(error: {
  validation: readonly { readonly instancePath: string; readonly message?: string | undefined }[];
  validationContext?: string | undefined;
}): Problem {
  const part = error.validationContext === 'querystring' ? 'query' : (error.validationContext ?? 'body');
  const issues: ProblemIssue[] = error.validation.slice(0, ISSUES_MAX).map(({ instancePath, message }) => ({
    path: `${part}${instancePath === '/' ? '' : instancePath}`,
    message: message ?? 'does not fit',
  }));
  const first = issues[0];
  const rest = error.validation.length > 1 ? ` (and ${error.validation.length - 1} more)` : '';
  return new Problem('INVALID_REQUEST', `${first?.path ?? part}: ${first?.message ?? 'does not fit'}${rest}`, {
    issues,
  });
}

/** Errors of other libs: their codes are theirs, so the caller sees ours of the same status and their sentence. */
function operationalProblem(error: OperationalError): Problem | undefined {
  const cause = { cause: error };
  if (error.code in problemKinds) return new Problem(error.code as Problem['code'], error.message, {}, cause);
  if (error.httpStatus === 503) return new Problem('LOG_UNAVAILABLE', error.message, {}, cause);
  if (error.httpStatus === 504) return new Problem('ANSWER_TIMED_OUT', error.message, {}, cause);
  if (error.httpStatus === 413) return new Problem('BODY_TOO_LARGE', error.message, {}, cause);
  return undefined;
}
