import { z } from 'zod';
import { type Problem, type ProblemCode, problemKinds } from './problems.ts';

/** RFC 9457. `type` is a relative reference into the documentation page; the stable handle is `code`. */
export const problemDocument = z
  .object({
    type: z.string().describe('A reference to what the code means'),
    title: z.string().describe('The same for every occurrence of the code'),
    status: z.int(),
    code: z
      .enum(Object.keys(problemKinds) as [ProblemCode, ...ProblemCode[]])
      .describe('Stable; programs test for this'),
    detail: z.string().describe('What was expected, what was found, and which one'),
    retriable: z.boolean().describe('Whether sending the same request again can help'),
    issues: z
      .array(
        z.object({
          path: z.string().optional(),
          file: z.string().optional(),
          elementId: z.string().optional(),
          rule: z.string().optional(),
          severity: z.enum(['error', 'warning']).optional(),
          message: z.string(),
          mend: z.string().optional().describe('What to do about it'),
        }),
      )
      .optional()
      .describe('Everything that does not fit, at once'),
    processInstanceUuid: z.string().optional(),
    state: z.string().optional(),
    limit: z.number().optional(),
  })
  .meta({ id: 'Problem', description: 'An RFC 9457 problem document' });

export type ProblemDocument = z.infer<typeof problemDocument>;

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

export function toProblemDocument(problem: Problem): ProblemDocument {
  const { retryAfterSeconds: _header, issues, ...details } = problem.details;
  return {
    type: `/docs#${problem.code}`,
    title: problemKinds[problem.code].title,
    status: problem.httpStatus,
    code: problem.code,
    detail: problem.message,
    retriable: problem.retriable,
    ...(issues === undefined ? {} : { issues: issues.map((issue) => ({ ...issue })) }),
    ...details,
  };
}
