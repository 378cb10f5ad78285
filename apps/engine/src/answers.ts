import { PROBLEM_MEDIA_TYPE, problemDocument } from '@millrace/contract';
import { z } from 'zod';

const problem = {
  description: 'A problem document',
  content: { [PROBLEM_MEDIA_TYPE]: { schema: problemDocument } },
} as const;

/** What a call answers that is not JSON. */
export function textAnswer(mediaType: string, description: string) {
  return { 200: { description, content: { [mediaType]: { schema: z.string() } } }, '4xx': problem, '5xx': problem };
}

/** What a call answers: its own shape, or a problem. */
export function answers<Status extends 200 | 201, Answer extends z.ZodType>(status: Status, answer: Answer) {
  return { [status]: answer, '4xx': problem, '5xx': problem } as { readonly [S in Status]: Answer };
}
