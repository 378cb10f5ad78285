import type { ExecutableProcess } from '@millrace/bpmn';
import type { StartInstance } from '@millrace/records';
import { EXPIRY_MS_MAX } from '../limits.ts';
import type { Context } from './context.ts';
import { endEarly } from './end.ts';
import { evaluateDuration } from './expressions.ts';
import { Failure } from './failure.ts';
import { schedule } from './schedule.ts';
import type { Walk } from './walk.ts';

/** How long an instance may live: as whoever starts it says, else as its model does. One that is called lives as long as its caller. */
export function lifetimeOf(
  context: Context,
  model: ExecutableProcess,
  { expiresAfterMs, parent }: Pick<StartInstance, 'expiresAfterMs' | 'parent'>,
): number | undefined | Failure {
  if (parent !== undefined) return undefined;
  const given = expiresAfterMs ?? modelled(context, model);
  if (given === undefined || given instanceof Failure) return given;
  if (given > 0 && given <= EXPIRY_MS_MAX) return given;
  return new Failure('TIMER_INVALID', `expected an instance to live 1 to ${EXPIRY_MS_MAX} ms, found ${given}`);
}

export function scheduleExpiry(walk: Walk, lifetimeMs: number | undefined): void {
  if (lifetimeMs === undefined) return;
  const { context, instanceId } = walk;
  schedule(context, Math.trunc(context.now) + lifetimeMs, { kind: 'instanceExpiry', instanceId });
}

export function expireInstance(walk: Walk): void {
  endEarly(walk, 'expired');
}

function modelled(context: Context, { expiresAfter }: ExecutableProcess): number | undefined | Failure {
  const expression = expiresAfter === undefined ? undefined : ({ kind: 'literal', value: expiresAfter } as const);
  return evaluateDuration(expression, { variables: {}, now: context.now });
}
