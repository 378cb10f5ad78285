import type { Appliers } from './apply.ts';

export const definitionAppliers: Appliers<'definition.deployed' | 'decisions.deployed' | 'form.deployed'> = {
  'definition.deployed'(state, event) {
    state.put('definition', event.processId, {
      processId: event.processId,
      definitionKey: event.definitionKey,
      version: event.definitionVersion,
      digest: event.digest,
      starts: [],
    });
  },
  'decisions.deployed'(state, { graphId, graphKey, graphVersion, digest, decisions }) {
    state.put('decisionGraph', graphId, { graphKey, version: graphVersion, digest, decisions });
    for (const { decisionId, decisionVersion } of decisions) {
      state.put('decision', decisionId, { graphKey, version: decisionVersion });
    }
  },
  'form.deployed'(state, { formId, formKey, formVersion, digest }) {
    state.put('form', formId, { formKey, version: formVersion, digest });
  },
};
