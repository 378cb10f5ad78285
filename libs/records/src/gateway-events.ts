import type { EventEnvelope } from './events.ts';
import type { InstanceId, Key } from './ids.ts';

/** The two phases of a complex gateway (BPMN 2.0.2 §13.4.5): from its activation on it waits for its reset. */
export type GatewayEvent = GatewayActivated | GatewayResetting | GatewayReset;

interface OfGateway extends EventEnvelope {
  readonly instanceId: InstanceId;
  readonly elementId: string;
  readonly scopeKey: Key;
}

/** Its condition has come true; its element has the tokens that were there. */
export interface GatewayActivated extends OfGateway {
  readonly kind: 'gateway.activated';
  readonly elementKey: Key;
  readonly flowIds: readonly string[];
}

/** No further token is expected; its element has those that came since. */
export interface GatewayResetting extends OfGateway {
  readonly kind: 'gateway.resetting';
  readonly elementKey: Key;
}

/** It waits for its condition again, or its scope is over. */
export interface GatewayReset extends OfGateway {
  readonly kind: 'gateway.reset';
}
