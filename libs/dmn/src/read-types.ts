import { type ModdleElement, describe, many, one, text } from '@millrace/moddle';
import type { TypeDefinition, Variable } from './model.ts';
import { nameOf } from './moddle.ts';
import { typeName, typed } from './read-expression.ts';
import { type Reading, isTooDeep } from './reading.ts';

/** Item definitions, by name. */
export function readTypes(reading: Reading, elements: readonly ModdleElement[]): Record<string, TypeDefinition> {
  const types: Record<string, TypeDefinition> = {};
  for (const element of elements) {
    const type = readType(reading, element);
    if (type === undefined) continue;
    if (Object.hasOwn(types, type.name)) {
      reading.problems.error(element, 'type', `expected one item definition "${type.name}", found another`);
    } else if (type.name.includes('#')) {
      reading.problems.error(
        element,
        'type',
        `expected a name without "#", which tells files apart, found "${type.name}"`,
      );
    } else if (type.name in types) {
      reading.problems.error(element, 'type', `expected another name than "${type.name}", which JavaScript reserves`);
    } else {
      types[type.name] = type;
    }
  }
  return types;
}

function readType(reading: Reading, element: ModdleElement): TypeDefinition | undefined {
  if (isTooDeep(reading, element)) return undefined;
  const name = nameOf(element);
  if (name === undefined) {
    reading.problems.error(element, 'name', `expected ${describe(element)} to have a name`);
    return undefined;
  }
  const allowed = text(one(element, 'allowedValues'), 'text');
  const constraint = text(one(element, 'typeConstraint'), 'text');
  return {
    name,
    isCollection: element.get('isCollection') === true,
    ...shapeOf(reading, element),
    ...(allowed === undefined ? {} : { allowed }),
    ...(constraint === undefined ? {} : { constraint }),
  };
}

function shapeOf(
  reading: Reading,
  element: ModdleElement,
): Pick<TypeDefinition, 'base' | 'components' | 'returns' | 'parameters'> {
  const components = many(element, 'itemComponent');
  if (components.length > 0) {
    return { components: components.map((part) => readType(reading, part)).filter((part) => part !== undefined) };
  }
  const ofFunction = one(element, 'functionItem');
  if (ofFunction !== undefined) {
    const parameters: Variable[] = many(ofFunction, 'parameters').map((parameter) => ({
      name: nameOf(parameter) ?? '',
      ...typed(parameter),
    }));
    return { returns: typeName(text(ofFunction, 'outputTypeRef')) ?? 'Any', parameters };
  }
  return { base: typeName(text(element, 'typeRef')) ?? 'Any' };
}
