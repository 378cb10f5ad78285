import { builtInType } from '@millrace/feel';
import { isOwn } from './merge-imports.ts';
import type { DecisionModel, TypeDefinition } from './model.ts';
import { type Reading, fault } from './reading.ts';

/** Every type that is named exists: an item definition, or one of FEEL. */
export function verifyTypes(reading: Reading, model: DecisionModel): void {
  const check = (type: string | undefined, elementId: string): void => {
    if (type === undefined || Object.hasOwn(model.types, type) || builtInType(type) !== undefined) return;
    const message = `expected type "${type}" to be an item definition of the file or a type of FEEL`;
    fault(reading, elementId, 'type', message);
  };
  const checkDefinition = (definition: TypeDefinition, owner: string): void => {
    check(definition.base, owner);
    check(definition.returns, owner);
    for (const part of definition.components ?? []) checkDefinition(part, owner);
  };
  for (const [name, definition] of Object.entries(model.types)) {
    if (isOwn({ id: name })) checkDefinition(definition, name);
  }
  for (const { id, type } of [
    ...Object.values(model.inputs),
    ...Object.values(model.decisions),
    ...Object.values(model.knowledgeModels),
    ...Object.values(model.services),
  ].filter(isOwn)) {
    check(type, id);
  }
}
