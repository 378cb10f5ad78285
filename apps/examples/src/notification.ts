import { randomUUID } from 'node:crypto';
import { type Plugin, definePlugin } from '@millrace/plugin';
import { z } from 'zod';

const templates = {
  welcome: (name: string) => `Welcome, ${name}! Your account is open.`,
  rejected: (name: string) => `Dear ${name}, we cannot open an account for you.`,
  reminder: (name: string) => `Dear ${name}, your contract still waits for your signature.`,
  'new-customer': (name: string) => `We have a new customer: ${name}.`,
};

/** Notifies people. Delivering is one line for whoever runs the demo to read; a mail server would stand there. */
export function notification(deliver: (line: string) => void): Plugin {
  return definePlugin({
    type: 'notification',
    title: 'Notification',
    description: 'Tells a person something, by a template',
    input: z.object({
      to: z.string().min(1),
      template: z.enum(Object.keys(templates) as [keyof typeof templates]),
      details: z.object({ name: z.string() }),
    }),
    output: z.object({ notificationId: z.string() }),
    handler({ to, template, details }, job) {
      deliver(`to ${to}: ${templates[template](details.name)}`);
      // The job's key, so that a repeated job has the same id: a mail server would drop the second.
      return { notificationId: job.key ?? randomUUID() };
    },
  });
}
