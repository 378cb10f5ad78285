import { type ModdleElement, describe, many, text } from '@millrace/moddle';
import type { SequenceFlow } from './model.ts';
import type { Reading } from './reading.ts';

/**
 * Link events are a flow that the diagram does not draw: each throwing event gets a flow of its own, to the catching event of
 * the same name in the same scope (BPMN 2.0.2 §10.5.1). Its id has a colon, which no id of a model can have.
 */
export function linkFlows(reading: Reading, members: readonly ModdleElement[]): SequenceFlow[] {
  const catches = new Map<string, string>();
  for (const [element, name] of linksOf(members, 'bpmn:IntermediateCatchEvent')) {
    if (catches.has(name)) {
      const wrong = `expected one link catch event with the name "${name}", found another: ${describe(element)}`;
      reading.problems.error(element, 'link', wrong);
    }
    if (element.id !== undefined) catches.set(name, element.id);
  }
  const flows: SequenceFlow[] = [];
  for (const [element, name] of linksOf(members, 'bpmn:IntermediateThrowEvent')) {
    const target = catches.get(name);
    if (target === undefined) {
      const wrong = `expected a link catch event with the name "${name}" in the scope of ${describe(element)}`;
      reading.problems.error(element, 'link', wrong);
    } else if (element.id !== undefined) {
      flows.push({ id: `link:${element.id}`, name, source: element.id, target });
    }
  }
  return flows;
}

export function readLinkName(reading: Reading, element: ModdleElement, definition: ModdleElement): string | undefined {
  const name = text(definition, 'name');
  if (name === undefined)
    reading.problems.error(element, 'link', `expected the link of ${describe(element)} to have a name`);
  return name;
}

function linksOf(members: readonly ModdleElement[], type: string): (readonly [ModdleElement, string])[] {
  return members
    .filter(({ $type }) => $type === type)
    .flatMap((element) => {
      const [definition] = many(element, 'eventDefinitions');
      const name = definition?.$type === 'bpmn:LinkEventDefinition' ? text(definition, 'name') : undefined;
      return name === undefined ? [] : [[element, name] as const];
    });
}
