import type { ExecutableProcess, FlowNode, JobAction } from './model.ts';

/** The job an element creates, if it creates one. */
export function jobOf(node: FlowNode): JobAction | undefined {
  if (!('action' in node)) return undefined;
  const action = node.action.kind === 'multiple' ? node.action.last : node.action;
  return action.kind === 'job' ? action : undefined;
}

/** The job types that are known before anything runs, each once: their topics can be created and checked for
 *  collisions at deployment. Types that an expression computes are not among them. */
export function literalJobTypes({ elements }: ExecutableProcess): string[] {
  const types = new Set<string>();
  for (const node of Object.values(elements)) {
    const type = jobOf(node)?.type;
    if (type?.kind === 'literal') types.add(type.value);
  }
  return [...types];
}
