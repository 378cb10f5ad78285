import { z } from 'zod';

export const liveAnswer = z.object({ status: z.literal('up') });
export const readyAnswer = z.object({
  status: z.enum(['ready', 'not ready']),
  checks: z.array(z.object({ name: z.string(), isReady: z.boolean(), detail: z.string().optional() })),
});
export type ReadyAnswer = z.infer<typeof readyAnswer>;
