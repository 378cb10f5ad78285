import { isOwn, qualifierOf } from './merge-imports.ts';
import type { DecisionModel } from './model.ts';
import type { Reading } from './reading.ts';

/** What no single element can know: how the parts of the graph fit together. */
export function verifyModel({ problems }: Reading, model: DecisionModel): void {
  for (const [id, path] of cycles(requirementsOf(model))) {
    problems.error(
      id,
      'cycle',
      `expected no decision to require itself, found ${[...path, id].map((step) => `"${step}"`).join(' → ')}`,
    );
  }
  verifyNames({ problems }, model);
}

/** By id, everything that must be known first. A service is known when its decisions are. */
function requirementsOf(model: DecisionModel): Map<string, readonly string[]> {
  const edges = new Map<string, readonly string[]>();
  for (const { id, requires } of Object.values(model.decisions))
    edges.set(id, [...requires.decisions, ...requires.knowledge]);
  for (const { id, knowledge } of Object.values(model.knowledgeModels)) edges.set(id, knowledge);
  for (const { id, outputs, encapsulated } of Object.values(model.services))
    edges.set(id, [...outputs, ...encapsulated]);
  return edges;
}

/** Each cycle once, by the member met first, with the way round. Without recursion: a chain may be as long as the file allows. */
function* cycles(edges: ReadonlyMap<string, readonly string[]>): Iterable<readonly [string, readonly string[]]> {
  const done = new Set<string>();
  for (const root of edges.keys()) {
    const path: { readonly id: string; readonly open: string[] }[] = [];
    const onPath = new Set<string>();
    const enter = (id: string): void => {
      path.push({ id, open: [...(edges.get(id) ?? [])] });
      onPath.add(id);
    };
    if (!done.has(root)) enter(root);
    for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
      const next = step.open.shift();
      if (next === undefined) {
        path.pop();
        onPath.delete(step.id);
        done.add(step.id);
      } else if (onPath.has(next)) {
        const ids = path.map(({ id }) => id);
        yield [next, ids.slice(ids.indexOf(next))];
      } else if (!done.has(next) && edges.has(next)) {
        enter(next);
      }
    }
  }
}

function verifyNames({ problems }: Pick<Reading, 'problems'>, model: DecisionModel): void {
  for (const { id, requires } of Object.values(model.decisions).filter(isOwn)) {
    const seen = new Map<string, string>();
    const variables = [
      ...requires.inputs.map((input) => model.inputs[input]),
      ...requires.decisions.map((decision) => model.decisions[decision]),
      ...requires.knowledge.map((known) => model.knowledgeModels[known] ?? model.services[known]),
    ];
    for (const variable of variables) {
      if (variable === undefined || qualifierOf(model, undefined, variable.namespace) !== undefined) continue;
      const other = seen.get(variable.name);
      if (other !== undefined && other !== variable.id) {
        const message = `expected what a decision requires to have different names, found "${variable.name}" for "${other}" and "${variable.id}"`;
        problems.error(id, 'name', message);
      }
      seen.set(variable.name, variable.id);
    }
  }
}
