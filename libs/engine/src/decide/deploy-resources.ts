import {
  type DecisionResource,
  type EventOf,
  type FormResource,
  decisionGraphKey,
  formKey as formKeyOf,
} from '@millrace/records';
import { NAME_LENGTH_MAX } from '../limits.ts';
import { type Context, type Refusal, refuse } from './context.ts';

/** What is deployed beside processes: nothing of it starts anything, so that versions are all there is to decide. */
export interface PlannedResource {
  readonly decisions: EventOf<'deployment.accepted'>['decisions'];
  readonly forms: EventOf<'deployment.accepted'>['forms'];
  readonly install: (context: Context) => void;
}

/** Decisions of one file require each other, so that a changed file gives each of them a new version. */
export function planDecisions(context: Context, resource: DecisionResource): PlannedResource | Refusal {
  const { graphId, name: resourceName, digest, content: xml, model, imported } = resource;
  const tooLong = [graphId, ...resource.decisions.map(({ decisionId }) => decisionId)].find(isTooLong);
  if (tooLong !== undefined) return refuseLength();
  const previous = context.draft.get('decisionGraph', graphId);
  const isLatest = previous?.decisions.every(
    ({ decisionId }) => context.draft.get('decision', decisionId)?.graphKey === previous.graphKey,
  );
  if (previous?.digest === digest && isLatest === true) {
    const decisions = previous.decisions.map((one) => ({ ...one, graphKey: previous.graphKey, isNew: false }));
    return { decisions, forms: [], install: () => undefined };
  }
  const graphVersion = (previous?.version ?? 0) + 1;
  const graphKey = decisionGraphKey(graphId, graphVersion);
  const decisions = resource.decisions.map((one) => ({
    ...one,
    decisionVersion: (context.draft.get('decision', one.decisionId)?.version ?? 0) + 1,
  }));
  const graph = { graphId, graphKey, graphVersion, decisions, resourceName, digest };
  return {
    decisions: decisions.map((one) => ({ ...one, graphKey, isNew: true })),
    forms: [],
    install(installing) {
      installing.emit({ kind: 'decisions.deployed', ...graph });
      const others = imported === undefined ? {} : { imported };
      installing.output({ kind: 'decisions', ...graph, xml, ...others, model, deployedAt: Math.trunc(installing.now) });
    },
  };
}

export function planForm(context: Context, resource: FormResource): PlannedResource | Refusal {
  const { formId, name: resourceName, digest, content } = resource;
  if (isTooLong(formId)) return refuseLength();
  const previous = context.draft.get('form', formId);
  const isNew = previous?.digest !== digest;
  const formVersion = (previous?.version ?? 0) + (isNew ? 1 : 0);
  const formKey = formKeyOf(formId, formVersion);
  const form = { formId, formKey, formVersion };
  return {
    decisions: [],
    forms: [{ ...form, isNew }],
    install(installing) {
      if (!isNew) return;
      installing.emit({ kind: 'form.deployed', ...form, resourceName, digest });
      const deployedAt = Math.trunc(installing.now);
      installing.output({ kind: 'form', ...form, resourceName, digest, content, deployedAt });
    },
  };
}

/** Ids are row keys. */
function isTooLong(id: string): boolean {
  return id.length > NAME_LENGTH_MAX;
}

function refuseLength(): Refusal {
  return refuse('INVALID_ARGUMENT', `expected ids of at most ${NAME_LENGTH_MAX} characters`);
}
