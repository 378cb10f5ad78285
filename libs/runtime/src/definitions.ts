import type { ExecutableProcess } from '@millrace/bpmn';

export interface DeployedDefinition {
  /** `{process id}:{version}` */
  readonly key: string;
  readonly processId: string;
  readonly version: number;
  readonly resourceName: string;
  readonly xml: string;
  readonly model: ExecutableProcess;
}

/** What is deployed, as far as this process has read `core.definitions`. */
export interface DefinitionReader {
  get(key: string): DeployedDefinition | undefined;
  latest(processId: string): DeployedDefinition | undefined;
  all(): Iterable<DeployedDefinition>;
  /** The offset behind the last record seen; commands carry it (R9). */
  readonly seen: number;
  /** Resolves once the definition is there: a deployment is done when a start that follows it finds it. */
  waitForKey(key: string, timeoutMs: number): Promise<DeployedDefinition>;
}
