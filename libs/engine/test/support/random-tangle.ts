import * as fc from 'fast-check';
import { type Spec, exclusive, inclusive, job, parallel, pass, userTask } from './model.ts';

/**
 * Gateways and activities with flows between any two of them, as people draw them and no block structure has them: joins that
 * wait for what never comes, forks without a join, conditional flows out of activities. None goes back: a ring with a fork in it would double
 * its tokens without end.
 */
export interface Tangle {
  readonly nodes: readonly (keyof typeof specs)[];
  readonly flows: readonly (readonly [number, number])[];
}

const specs = { exclusive, inclusive, parallel, pass, job: job('a', { retries: '1' }), userTask: userTask() } as const;

export const tangle: fc.Arbitrary<Tangle> = fc.record({
  nodes: fc.array(
    fc.constantFrom<keyof typeof specs>('exclusive', 'inclusive', 'inclusive', 'parallel', 'pass', 'job', 'userTask'),
    { minLength: 3, maxLength: 6 },
  ),
  flows: fc.array(fc.tuple(fc.nat(5), fc.nat(5)), { maxLength: 6 }),
});

/** @returns the last of them, which all others lead to. */
export function placeTangle(
  from: string,
  { nodes, flows }: Tangle,
  add: (spec: Spec) => string,
  connect: (from: string, to: string, condition?: string) => void,
): string {
  const names = nodes.map((kind) => add(specs[kind]));
  connect(from, names[0] ?? from);
  const targets = nodes.map((_, at) => new Set(at + 1 < nodes.length ? [at + 1] : []));
  for (const [one, other] of flows) {
    const [source, target] = [Math.min(one, other), Math.max(one, other)];
    if (target < nodes.length && source < target) targets[source]?.add(target);
  }
  for (const [at, to] of targets.entries()) {
    for (const [index, target] of [...to].entries())
      connect(names[at] ?? '', names[target] ?? '', conditionOf(nodes[at] ?? 'pass', index, to.size));
  }
  return names.at(-1) ?? from;
}

/** Of the last flow, the default: all other conditions can fail. */
function conditionOf(kind: keyof typeof specs, index: number, count: number): string {
  const isSplit = count > 1 && kind !== 'parallel';
  if (!isSplit) return '';
  if (index === count - 1) return kind === 'pass' ? '' : '[default]';
  return kind === 'exclusive' ? `[n = ${index}]` : `[n != ${index}]`;
}
