import { limits, Problem } from '@millrace/contract';
import type { FastifyRequest } from 'fastify';

/** Refuses variables beyond the limit before they enter the log. The engine has the last word, over all of an instance. */
export function checkSize(request: FastifyRequest, variables: Readonly<Record<string, unknown>> | undefined): void {
  // Compact JSON is hardly ever longer than what came in: most bodies need no second look.
  if (variables === undefined || request.bodyBytes <= limits.variablesBytesMax / 2) return;
  const bytes = Buffer.byteLength(JSON.stringify(variables));
  if (bytes <= limits.variablesBytesMax) return;
  throw new Problem(
    'VARIABLES_TOO_LARGE',
    `expected variables of at most ${limits.variablesBytesMax} bytes as JSON, found ${bytes}`,
    { limit: limits.variablesBytesMax },
  );
}
