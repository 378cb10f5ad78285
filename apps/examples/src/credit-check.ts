import { BpmnError, definePlugin } from '@millrace/plugin';
import { z } from 'zod';
import bureau from '../plugins/bureau.json' with { type: 'json' };

const entries = new Map(Object.entries(bureau));

/** Asks the bureau how good a customer's credit is. The bureau is a file, so that the demo needs no network. */
export const creditCheck = definePlugin({
  type: 'credit-check',
  title: 'Credit check',
  description: "A customer's score at the credit bureau, from 0 to 1,000",
  input: z.object({ customerId: z.string().min(1) }),
  output: z.object({ score: z.number().int().min(0).max(1_000), bureau: z.string() }),
  errors: [{ code: 'UNKNOWN_CUSTOMER', description: 'the bureau knows nobody of that id' }],
  handler({ customerId }) {
    const entry = entries.get(customerId);
    if (entry === undefined) throw new BpmnError('UNKNOWN_CUSTOMER', `the bureau knows nobody called ${customerId}`);
    return { score: entry.score, bureau: 'north' };
  },
});
