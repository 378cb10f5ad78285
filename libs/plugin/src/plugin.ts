import { jobTypeProblem } from '@millrace/bus';
import type { z } from 'zod';
import type { Job } from './job.ts';

/**
 * What a plugin author writes. `input` and `output` are what a job of this type takes from the process and gives back; they are
 * checked at run time, give the handler its types, and are announced as JSON Schemas.
 */
export interface PluginDefinition<Input extends z.ZodType, Output extends z.ZodType> {
  /** The `zeebe:taskDefinition type` in the model. */
  readonly type: string;
  readonly title?: string;
  readonly description?: string;
  readonly input: Input;
  readonly output: Output;
  /** The BPMN errors it throws, for whoever draws boundary events. */
  readonly errors?: readonly { readonly code: string; readonly description?: string }[];
  /** How many jobs run at a time in this process. Default 16. */
  readonly concurrency?: number;
  /** Throws `BpmnError` or `JobFailure`. The same job may come twice (after a crash or a rebalance): what it does outside should
   *  be repeatable, `job.key` is a good idempotency key. */
  handler(input: z.output<Input>, job: Job): Promise<z.input<Output>> | z.input<Output>;
}

/** A definition with its types forgotten, so that plugins of all kinds fit one list. */
export interface Plugin {
  readonly type: string;
  readonly title: string | undefined;
  readonly description: string | undefined;
  readonly errors: readonly { readonly code: string; readonly description?: string }[];
  readonly concurrency: number;
  readonly input: z.ZodType;
  readonly output: z.ZodType;
  readonly handler: (input: unknown, job: Job) => unknown;
}

const CONCURRENCY_DEFAULT = 16;

export function definePlugin<Input extends z.ZodType, Output extends z.ZodType>(
  definition: PluginDefinition<Input, Output>,
): Plugin {
  const problem = jobTypeProblem(definition.type);
  if (problem !== undefined) throw new TypeError(problem);
  const concurrency = definition.concurrency ?? CONCURRENCY_DEFAULT;
  if (!Number.isSafeInteger(concurrency) || concurrency < 1) {
    throw new TypeError(
      `expected the concurrency of ${definition.type} to be a whole number from 1, found ${concurrency}`,
    );
  }
  return {
    type: definition.type,
    title: definition.title,
    description: definition.description,
    errors: definition.errors ?? [],
    concurrency,
    input: definition.input,
    output: definition.output,
    handler: (input, job) => definition.handler(input as z.output<Input>, job),
  };
}
