import { z } from 'zod';
import { limits } from '../limits.ts';
import { exactly } from '../exactly.ts';

export const processInstanceUuid = z
  .uuid()
  .meta({ description: 'The id of a process instance', example: '0192f0c1-2b3c-8d4e-8003-0123456789ab' });

/** Names of processes, tasks, tokens: opaque to REST, bounded because they travel in keys. */
export const name = z.string().min(1).max(limits.nameLengthMax);

/** Any JSON object. The values are a process's own matter; their size is bounded in all by `variablesBytesMax`. */
export const variables = z
  .record(z.string(), z.unknown(), { error: 'expected a JSON object' })
  .meta({ description: 'Variables by name: any JSON object', example: { customer: 'Ada', amount: 1200 } });

export const timestamp = z.iso.datetime().meta({ description: 'When, in UTC' });

const wholeNumber = z.string().regex(/^\d{1,9}$/, 'expected a whole number');

/** A query carries text; the schema keeps it text, so that the document says what really travels. */
export const pageQuery = exactly({
  limit: wholeNumber
    .refine((text) => Number(text) >= 1 && Number(text) <= limits.pageSizeMax, {
      error: `expected a number from 1 to ${limits.pageSizeMax}`,
    })
    .optional()
    .describe(`Entries on a page, 1 to ${limits.pageSizeMax}, ${limits.pageSizeDefault} by default`),
  cursor: z.string().max(1_024).optional().describe('`nextCursor` of the page before'),
});

export const pageSize = (limit: string | undefined): number => Number(limit ?? limits.pageSizeDefault);

export const versionText = z.string().regex(/^[1-9]\d{0,8}$/, 'expected a version number from 1');

/** A page: a list may end early and still have a next page; only a missing `nextCursor` says that it was the last. */
export function page<T extends z.ZodType>(entry: T) {
  return z.object({ items: z.array(entry), nextCursor: z.string().optional() });
}
