import type { BrokerLogger } from '../options.ts';
import {
  aclOperations,
  type AclOperation,
  clusterResource,
  operationsOf,
  type Resource,
  type ResourceType,
} from './acl.ts';
import type { Authorizer, Caller } from './authorizer.ts';

/**
 * What the one at the other end of a connection may do. Handlers ask it before they look whether the resource is there, so
 * that a refusal tells nothing about what exists.
 */
export class Access {
  readonly caller: Caller;
  readonly #authorizer: Authorizer | null;
  readonly #logger: BrokerLogger;

  /** @param authorizer null where everybody may do everything */
  constructor(caller: Caller, authorizer: Authorizer | null, logger: BrokerLogger) {
    this.caller = caller;
    this.#authorizer = authorizer;
    this.#logger = logger;
  }

  /** The answer a request depends on; a refusal is a line in the audit log. */
  may(operation: AclOperation, resource: Resource): boolean {
    if (this.sees(operation, resource)) return true;
    this.#refused(operation, resource.type, resource.name);
    return false;
  }

  /** As `may`, for lists that leave out what the caller may not see: no refusal, so nothing is logged. */
  sees(operation: AclOperation, resource: Resource): boolean {
    return this.#authorizer === null || this.#authorizer.allows(this.caller, operation, resource);
  }

  /** Whether there could be a resource of this type that the caller may do this to. */
  mayAny(operation: AclOperation, type: ResourceType): boolean {
    if (this.#authorizer === null || this.#authorizer.allowsAny(this.caller, operation, type)) return true;
    this.#refused(operation, type, 'any');
    return false;
  }

  /** The operations that are allowed on the resource, as bits (KIP-430). */
  operations(resource: Resource): number {
    if (this.#authorizer !== null) return this.#authorizer.operations(this.caller, resource);
    return operationsOf[resource.type].reduce((bits, operation) => bits | (1 << aclOperations[operation]), 0);
  }

  /** The operations on the cluster, as bits; none for who may not describe it. */
  clusterOperations(): number {
    return this.sees('DESCRIBE', clusterResource) ? this.operations(clusterResource) : 0;
  }

  #refused(operation: AclOperation, resourceType: ResourceType, resourceName: string): void {
    const { principal, host } = this.caller;
    this.#logger.warn({ audit: true, principal, host, operation, resourceType, resourceName }, 'authorization refused');
  }
}
