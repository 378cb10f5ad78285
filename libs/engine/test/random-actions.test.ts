import { describe, it, vi } from 'vitest';
import type * as Limits from '../src/limits.ts';
import { checkAnyProcess } from './support/any-process.ts';
import { randomActions } from './support/random-model.ts';

// E3. Ways are cut wherever they can be, and few executions may run beside each other.
vi.mock('../src/limits.ts', async (original) => ({
  ...(await original<typeof Limits>()),
  HOPS_PER_STEP_MAX: 2,
  HOPS_WITHOUT_WAIT_MAX: 100,
  TERMINATIONS_PER_STEP_MAX: 1,
  ACTIONS_RUNNING_MAX: 4,
}));

describe('any process of nodes with actions', () => {
  it('keeps its invariants, and leaves nothing behind', { timeout: 120_000 }, () => {
    checkAnyProcess(300, { process: randomActions('p') });
  });

  it('decides again what was lost when its partitions crash before and after every step', { timeout: 120_000 }, () => {
    checkAnyProcess(50, { crashesAlways: true, process: randomActions('p') });
  });
});
