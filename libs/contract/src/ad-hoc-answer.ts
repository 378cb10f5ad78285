import { z } from 'zod';

const variables = z.record(z.string(), z.unknown());

/**
 * The value of a reply to the job of an ad-hoc sub-process, which the header `mr-result: adHocSubProcess` tells from other jobs:
 * what Zeebe's job result of that name has, and the variables beside it.
 */
export const adHocAnswer = z.strictObject({
  /** Set in the sub-process: the next job sees them. */
  variables: variables.optional(),
  /** What begins now, each with variables of its own; the same element may be named several times. */
  activateElements: z
    .array(z.strictObject({ elementId: z.string().min(1), variables: variables.optional() }))
    .optional(),
  /** Nothing begins any more, and the sub-process is over when nothing runs in it. */
  isCompletionConditionFulfilled: z.boolean().optional(),
  /** With that alone: what still runs is ended. */
  isCancelRemainingInstances: z.boolean().optional(),
});

export type AdHocAnswer = z.infer<typeof adHocAnswer>;

/** The value of the header `mr-result`. */
export const AD_HOC_RESULT = 'adHocSubProcess';
