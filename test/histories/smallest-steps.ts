import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

const smallest: Readonly<Record<string, number>> = {
  HOPS_PER_STEP_MAX: 2,
  CONDITIONS_PER_STEP_MAX: 1,
  TERMINATIONS_PER_STEP_MAX: 1,
  SIGNALS_PER_STEP_MAX: 1,
  RELEASES_PER_STEP_MAX: 1,
  BATCH_INSTANCES_PER_STEP: 1,
  MESSAGES_REOFFERED_PER_STEP_MAX: 1,
};

/**
 * From here on the engine, when it is imported, goes in the smallest steps: what it writes where a way is cut (`token.deferred`,
 * `scope.closing` and the like) is then in the history of a short one.
 */
export function goInSmallestSteps(): void {
  registerHooks({
    load(url, context, next) {
      if (!url.endsWith('/libs/engine/src/limits.ts')) return next(url, context);
      const text = readFileSync(new URL(url), 'utf8');
      const source = text.replace(/^(export const (\w+) = )[^;]+;/gm, (line, begin: string, name: string) =>
        name in smallest ? `${begin}${smallest[name]};` : line,
      );
      return { format: 'module-typescript', source, shortCircuit: true };
    },
  });
}
