import type { ExecutableProcess, FlowNode } from './model.ts';
import type { JobAction, TaskListeners } from './model-actions.ts';

/** The job an element creates, if it creates one. */
export function jobOf(node: FlowNode): JobAction | undefined {
  if (node.kind === 'adHocSubProcess') return node.job;
  if (!('action' in node)) return undefined;
  const action = node.action.kind === 'multiple' ? node.action.last : node.action;
  return action.kind === 'job' ? action : undefined;
}

/** The jobs of its listeners. */
export function listenersOf(owner: FlowNode | ExecutableProcess): JobAction[] {
  const ofTask: TaskListeners = ('taskListeners' in owner ? owner.taskListeners : undefined) ?? {};
  const lists: readonly (readonly JobAction[])[] = [...Object.values(owner.listeners ?? {}), ...Object.values(ofTask)];
  return lists.flat();
}

/** The job types that are known before anything runs, each once: their topics can be created and checked for
 *  collisions at deployment. Types that an expression computes are not among them. */
export function literalJobTypes(process: ExecutableProcess): string[] {
  const types = new Set<string>();
  const nodes = Object.values(process.elements);
  const jobs = [...nodes.map(jobOf), ...[process, ...nodes].flatMap(listenersOf)];
  for (const job of jobs) if (job?.type.kind === 'literal') types.add(job.type.value);
  return [...types];
}
