import type { EventEnvelope } from './events.ts';
import type { DefinitionKey } from './ids.ts';
import type { DecisionVersion } from './definition-rows.ts';

/** The answer to a deployment: the version of every process, decision and form in it, new or as it was. */
export interface DeploymentAccepted extends EventEnvelope {
  readonly kind: 'deployment.accepted';
  readonly resourceNames: readonly string[];
  readonly definitions: readonly {
    readonly processId: string;
    readonly definitionKey: DefinitionKey;
    readonly definitionVersion: number;
    readonly isNew: boolean;
  }[];
  /** `graphKey` is the key of the definition record that has them. */
  readonly decisions: readonly (DecisionVersion & { readonly graphKey: DefinitionKey; readonly isNew: boolean })[];
  readonly forms: readonly {
    readonly formId: string;
    readonly formKey: DefinitionKey;
    readonly formVersion: number;
    readonly isNew: boolean;
  }[];
}

export interface DefinitionDeployed extends EventEnvelope {
  readonly kind: 'definition.deployed';
  readonly processId: string;
  readonly definitionKey: DefinitionKey;
  readonly definitionVersion: number;
  readonly name?: string;
  readonly resourceName: string;
  readonly digest: string;
}

export interface DecisionsDeployed extends EventEnvelope {
  readonly kind: 'decisions.deployed';
  readonly graphId: string;
  readonly graphKey: DefinitionKey;
  readonly graphVersion: number;
  readonly resourceName: string;
  readonly digest: string;
  readonly decisions: readonly DecisionVersion[];
}

export interface FormDeployed extends EventEnvelope {
  readonly kind: 'form.deployed';
  readonly formId: string;
  readonly formKey: DefinitionKey;
  readonly formVersion: number;
  readonly resourceName: string;
  readonly digest: string;
}
