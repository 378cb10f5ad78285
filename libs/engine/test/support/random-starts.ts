import {
  type Spec,
  catching,
  conditionTrigger,
  exclusive,
  messageTrigger,
  receive,
  signalTrigger,
  startBy,
  timerTrigger,
} from './model.ts';

/**
 * What starts the process beside a command, each by a name of its own: a process that started itself twice would do so
 * without end. The cycle ends, so that time can pass.
 */
const starts: Readonly<Record<string, Spec>> = {
  byMessage: startBy({ kind: 'startMessage', name: 'begin' }),
  bySignal: startBy(signalTrigger('begin')),
  byTime: startBy(timerTrigger('cycle', 'R2/PT20S')),
  byCondition: startBy(conditionTrigger('n > 2')),
  byReceipt: receive(messageTrigger('receipt', '=key'), { instantiate: true } as Partial<Spec>),
  byFirst: catching(messageTrigger('first', '=key')),
  bySecond: catching(messageTrigger('second', '=key')),
};

/** Messages that start it. */
export const startMessages = ['begin', 'receipt', 'first', 'second'] as const;

/** @returns the element behind all of them, and behind `start`. */
export function addStarts(elements: Record<string, Spec>, flows: string[]): string {
  Object.assign(elements, starts, {
    firstOf: { kind: 'eventBasedGateway', instantiate: 'exclusive' } as Spec,
    begun: exclusive,
  });
  for (const id of ['start', ...Object.keys(starts)]) flows.push(`${id} -> begun`);
  flows.push('firstOf -> byFirst', 'firstOf -> bySecond');
  return 'begun';
}
