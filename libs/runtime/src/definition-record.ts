import { type ExecutableProcess, readModel } from '@millrace/bpmn';
import type { DefinitionOutput } from '@millrace/engine';
import { checkExpression, checkTimer } from '@millrace/feel';
import { messageOf } from '@millrace/std';

/**
 * The shape of `ExecutableProcess` that this build understands. Raise it with every change of that shape: a definition
 * that was deployed by an earlier build is then read again from its XML, which is what was deployed; the model is a cache of it.
 */
const MODEL_VERSION = 1;

/** What `core.definitions` says of one version of one process. */
export interface DeployedDefinition {
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
export async function decodeDefinition(key: string, value: Uint8Array): Promise<DeployedDefinition> {
  const written = parse(key, value);
  const { processId, version, name, resourceName, xml, deployedAt } = written;
  const model = written.modelVersion === MODEL_VERSION ? written.model : await readAgain(key, processId, xml);
  return { key, processId, version, name, resourceName, xml, deployedAt, model };
}

interface Written extends Omit<DeployedDefinition, 'key'> {
  readonly modelVersion: number;
}

function parse(key: string, value: Uint8Array): Written {
  let written: unknown;
  try {
    written = JSON.parse(Buffer.from(value).toString('utf8'));
  } catch (error) {
    throw new Error(`expected definition ${key} to be JSON: ${messageOf(error)}`, { cause: error });
  }
  const { processId, version, xml } = (written ?? {}) as Partial<Written>;
  if (typeof processId !== 'string' || typeof version !== 'number' || typeof xml !== 'string') {
    throw new Error(`expected definition ${key} to name its process, version and XML`);
  }
  return written as Written;
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
