import * as fc from 'fast-check';
import type { EventKind } from './known-process.ts';

/** What a process with a known way is made of: each says what it is, and how it goes. */
export type Block =
  | { readonly kind: 'passing'; readonly which: number }
  | { readonly kind: 'waiting'; readonly which: number }
  | { readonly kind: 'catching'; readonly on: EventKind }
  | { readonly kind: 'guarded'; readonly by: 'error' | EventKind; readonly outcome: Outcome }
  | { readonly kind: 'repeated'; readonly as: 'parallel' | 'sequential' | 'standard'; readonly times: number }
  | { readonly kind: 'undone'; readonly count: number; readonly as: 'thrown' | 'cancelled' }
  | { readonly kind: 'call'; readonly body: Block; readonly times: number }
  | { readonly kind: 'sub'; readonly body: Block; readonly end: SubEnd; readonly on: EventKind }
  | { readonly kind: 'loop'; readonly body: Block; readonly times: number }
  | { readonly kind: 'each'; readonly body: Block; readonly isSequential: boolean; readonly times: number }
  | {
      readonly kind: 'choice' | 'some' | 'race';
      readonly branches: readonly Block[];
      readonly taken: number;
      readonly on: EventKind;
    }
  | { readonly kind: 'sequence' | 'fork' | 'adHoc'; readonly branches: readonly Block[] };

export type Outcome = 'notTaken' | 'interrupts' | 'beside';
/** How a sub-process is left. */
export type SubEnd =
  | 'plain'
  | 'interrupted'
  | 'error'
  | 'escalation'
  | 'terminated'
  | 'eventInterrupts'
  | 'eventBeside';

const eventKind = fc.constantFrom<EventKind>('message', 'signal', 'timer', 'condition');

export const { block } = fc.letrec<{ block: Block }>((tie) => {
  const branches = fc.array(tie('block'), { minLength: 2, maxLength: 3 });
  const few = fc.integer({ min: 1, max: 3 });
  return {
    block: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      fc.record({ kind: fc.constant('passing' as const), which: fc.nat(100) }),
      fc.record({ kind: fc.constant('waiting' as const), which: fc.nat(100) }),
      fc.record({ kind: fc.constant('catching' as const), on: eventKind }),
      fc.record({
        kind: fc.constant('guarded' as const),
        by: fc.oneof(eventKind, fc.constant('error' as const)),
        outcome: fc.constantFrom<Outcome>('notTaken', 'interrupts', 'beside'),
      }),
      fc.record({
        kind: fc.constant('repeated' as const),
        as: fc.constantFrom('parallel' as const, 'sequential' as const, 'standard' as const),
        times: few,
      }),
      fc.record({
        kind: fc.constant('undone' as const),
        count: few,
        as: fc.constantFrom('thrown' as const, 'cancelled' as const),
      }),
      fc.record({ kind: fc.constantFrom('sequence' as const, 'fork' as const, 'adHoc' as const), branches }),
      fc.record({
        kind: fc.constantFrom('choice' as const, 'some' as const, 'race' as const),
        branches,
        taken: fc.integer({ min: 1, max: 7 }),
        on: eventKind,
      }),
      fc.record({
        kind: fc.constant('sub' as const),
        body: tie('block'),
        end: fc.constantFrom<SubEnd>(
          'plain',
          'interrupted',
          'error',
          'escalation',
          'terminated',
          'eventInterrupts',
          'eventBeside',
        ),
        on: eventKind,
      }),
      fc.record({ kind: fc.constant('loop' as const), body: tie('block'), times: few }),
      fc.record({ kind: fc.constant('each' as const), body: tie('block'), isSequential: fc.boolean(), times: few }),
      fc.record({ kind: fc.constant('call' as const), body: tie('block'), times: fc.integer({ min: 1, max: 2 }) }),
    ),
  };
});
