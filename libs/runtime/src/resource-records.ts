import { type DecisionModel, readDecisions } from '@millrace/dmn';
import type { DecisionsOutput, FormOutput } from '@millrace/engine';
import type { DecisionVersion } from '@millrace/records';

/** The shape of `DecisionModel` that this build understands; as `MODEL_VERSION` for processes. */
const DECISION_MODEL_VERSION = 3;

/** What `core.definitions` says of one version of the decisions of one file. */
export interface DeployedGraph {
  readonly kind: 'decisions';
  /** `dmn/{graph id}:{version}` */
  readonly key: string;
  readonly graphId: string;
  readonly version: number;
  readonly decisions: readonly DecisionVersion[];
  readonly resourceName: string;
  readonly xml: string;
  /** The texts of the files that it imports. */
  readonly imported?: readonly string[];
  readonly deployedAt: number;
  readonly model: DecisionModel;
}

export interface DeployedForm {
  readonly kind: 'form';
  /** `form/{form id}:{version}` */
  readonly key: string;
  readonly formId: string;
  readonly version: number;
  readonly resourceName: string;
  /** JSON, as it was sent. */
  readonly content: string;
  /** The content's own. */
  readonly versionTag?: string;
  readonly deployedAt: number;
}

export function encodeGraph(output: DecisionsOutput): string {
  const { kind, graphId, graphVersion: version, decisions, resourceName, digest, deployedAt } = output;
  const { xml, imported, model } = output;
  const modelVersion = DECISION_MODEL_VERSION;
  return JSON.stringify({
    kind,
    graphId,
    version,
    decisions,
    resourceName,
    digest,
    deployedAt,
    xml,
    ...(imported === undefined ? {} : { imported }),
    modelVersion,
    model,
  });
}

export function encodeForm(output: FormOutput): string {
  const { kind, formId, formVersion: version, resourceName, digest, deployedAt, content } = output;
  return JSON.stringify({ kind, formId, version, resourceName, digest, deployedAt, content });
}

/** Throws on a record that this build can't make a model of: without it the owner could not go on with its instances. */
export async function decodeGraph(key: string, written: object): Promise<DeployedGraph> {
  const { graphId, version, xml, decisions } = written as Partial<DeployedGraph>;
  if (
    typeof graphId !== 'string' ||
    typeof version !== 'number' ||
    typeof xml !== 'string' ||
    !Array.isArray(decisions)
  ) {
    throw new Error(`expected definition ${key} to name its graph, version, decisions and XML`);
  }
  const graph = written as DeployedGraph & { readonly modelVersion: number };
  const model = graph.modelVersion === DECISION_MODEL_VERSION ? graph.model : await readAgain(key, xml, graph.imported);
  return { ...graph, key, model };
}

export function decodeForm(key: string, written: object): DeployedForm {
  const { formId, version, content } = written as Partial<DeployedForm>;
  if (typeof formId !== 'string' || typeof version !== 'number' || typeof content !== 'string') {
    throw new Error(`expected definition ${key} to name its form, version and content`);
  }
  const versionTag = versionTagOf(content);
  return { ...(written as DeployedForm), key, ...(versionTag === undefined ? undefined : { versionTag }) };
}

/** What was deployed is a JSON object; what else somebody put on the topic has no tag. */
function versionTagOf(content: string): string | undefined {
  try {
    const { versionTag } = JSON.parse(content) as { versionTag?: unknown };
    return typeof versionTag === 'string' && versionTag !== '' ? versionTag : undefined;
  } catch {
    return undefined;
  }
}

async function readAgain(key: string, xml: string, others: readonly string[] = []): Promise<DecisionModel> {
  const { decisions, problems } = await readDecisions(xml, { others });
  if (decisions !== undefined) return decisions;
  throw new Error(
    `expected definition ${key} to be readable again: ${problems.map(({ message }) => message).join('; ')}`,
  );
}
