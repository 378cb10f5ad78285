import type { Appliers } from './apply.ts';

export const definitionAppliers: Appliers<'definition.deployed'> = {
  'definition.deployed'(state, event) {
    state.put('definition', event.processId, {
      processId: event.processId,
      definitionKey: event.definitionKey,
      version: event.definitionVersion,
      digest: event.digest,
      starts: [],
    });
  },
};
