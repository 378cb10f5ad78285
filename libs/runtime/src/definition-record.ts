import { type ExecutableProcess, readModel } from '@millrace/bpmn';
import type { DefinitionOutput } from '@millrace/engine';
import { checkExpression, checkTimer } from '@millrace/feel';
import { messageOf } from '@millrace/std';
import { type DeployedForm, type DeployedGraph, decodeForm, decodeGraph } from './resource-records.ts';

/**
 * The shape of `ExecutableProcess` that this build understands. Raise it with every change of that shape: a definition
 * that was deployed by an earlier build is then read again from its XML, which is what was deployed; the model is a cache of it.
 */
const MODEL_VERSION = 3;

/** What `core.definitions` says of one version of one process. */
export interface DeployedDefinition {
  readonly kind: 'process';
  /** `{process id}:{version}` */
  readonly key: string;
  readonly processId: string;
  readonly version: number;
  readonly name: string | undefined;
  readonly resourceName: string;
  readonly xml: string;
  readonly deployedAt: number;
  readonly model: ExecutableProcess;
}

/** A record of the topic, of whatever kind. */
export type DefinitionRecord = DeployedDefinition | DeployedGraph | DeployedForm;

export function encodeDefinition(output: DefinitionOutput): string {
  return JSON.stringify({
    processId: output.processId,
    version: output.definitionVersion,
    name: output.name,
    resourceName: output.resourceName,
    digest: output.digest,
    deployedAt: output.deployedAt,
    xml: output.xml,
    modelVersion: MODEL_VERSION,
    model: output.model,
  });
}

/** Throws on a record that this build can't make a model of: without it the owner could not go on with its instances. */
export async function decodeDefinition(key: string, value: Uint8Array): Promise<DefinitionRecord> {
  const { kind, ...written } = parse(key, value);
  // The first definitions were processes, and their records had no kind.
  if (kind === undefined) return decodeProcess(key, written);
  if (kind === 'decisions') return decodeGraph(key, { ...written, kind });
  if (kind === 'form') return decodeForm(key, { ...written, kind });
  throw new Error(`expected definition ${key} to be of a kind that this build knows, found ${JSON.stringify(kind)}`);
}

async function decodeProcess(key: string, record: object): Promise<DeployedDefinition> {
  const { processId: id, version: number, xml: source } = record as Partial<Written>;
  if (typeof id !== 'string' || typeof number !== 'number' || typeof source !== 'string') {
    throw new Error(`expected definition ${key} to name its process, version and XML`);
  }
  const written = record as Written;
  const { processId, version, name, resourceName, xml, deployedAt } = written;
  const model = written.modelVersion === MODEL_VERSION ? written.model : await readOld(key, written);
  return { kind: 'process', key, processId, version, name, resourceName, xml, deployedAt, model };
}

/** What the deployment has added to the model is not in the XML. */
async function readOld(key: string, { processId, xml, model }: Written): Promise<ExecutableProcess> {
  const { deployedWith } = model;
  const read = await readAgain(key, processId, xml);
  return deployedWith === undefined ? read : { ...read, deployedWith };
}

interface Written extends Omit<DeployedDefinition, 'key' | 'kind'> {
  readonly modelVersion: number;
}

function parse(key: string, value: Uint8Array): { readonly kind?: unknown } {
  let written: unknown;
  try {
    written = JSON.parse(Buffer.from(value).toString('utf8'));
  } catch (error) {
    throw new Error(`expected definition ${key} to be JSON: ${messageOf(error)}`, { cause: error });
  }
  if (typeof written === 'object' && written !== null) return written;
  throw new Error(`expected definition ${key} to be a JSON object`);
}

async function readAgain(key: string, processId: string, xml: string): Promise<ExecutableProcess> {
  const { processes, problems } = await readModel(xml, { checkExpression, checkTimer });
  const model = processes.find(({ id }) => id === processId);
  if (model === undefined) {
    const found = problems.map(({ message }) => message).join('; ');
    throw new Error(`expected definition ${key} to be readable again: ${found || 'the process is not in its XML'}`);
  }
  return model;
}
