import { parseJson, Problem } from '@millrace/contract';
import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyRequest {
    /** Size of a JSON body as it came in; 0 for none. An upper bound of its compact form, but for exponents. */
    bodyBytes: number;
  }
}

/** JSON bodies by the contract's own parser, so that what would be silently rounded or misread is refused. */
export function acceptJson(server: FastifyInstance): void {
  server.decorateRequest('bodyBytes', 0);
  // Fastify would hand text to a route as a string; nothing here takes one, so it is an unsupported media type.
  server.removeContentTypeParser(['application/json', 'text/plain']);
  server.addContentTypeParser(
    /^application\/(?:[\w.+-]+\+)?json(?:\s*;.*)?$/i,
    { parseAs: 'buffer' },
    (request, body, done) => {
      request.bodyBytes = body.length;
      // An empty body with the header is what many clients send for "nothing".
      if (body.length === 0) return done(null, undefined);
      const parsed = parseJson(body);
      if ('value' in parsed) return done(null, parsed.value);
      const { code, message, issues } = parsed.fault;
      const details =
        issues.length === 0 ? {} : { issues: issues.map((issue) => ({ ...issue, path: `body${issue.path}` })) };
      return done(new Problem(code, message, details));
    },
  );
}
