import { assert } from '@millrace/std';
import type { ExecutableProcess, FlowNode, SequenceFlow } from '@millrace/bpmn';
import type { ElementRow, InstanceId, InstanceRow, Key } from '@millrace/records';
import { elementOf, instanceOf } from '../apply/rows.ts';
import type { Context } from './context.ts';

/** A token on a flow, about to reach the element behind it. */
export interface ReadyToken {
  readonly flowId: string;
  readonly scopeKey: Key;
  /** Elements it has passed since it last waited. */
  readonly hops: number;
}

/** A decision within one instance: where its tokens are, and which of them can go on. */
export class Walk {
  readonly context: Context;
  readonly instanceId: InstanceId;
  readonly model: ExecutableProcess;
  readonly ready: ReadyToken[] = [];
  /** Scopes in which something has happened since their inclusive joins were asked, and how many events told so. */
  readonly touched = new Set<Key>();
  eventsSeen: number;
  /** The instance has ended, or is ending: nothing moves any more. */
  isOver = false;

  constructor(context: Context, instance: InstanceRow) {
    this.context = context;
    this.instanceId = instance.instanceId;
    const model = context.draft.process(instance.definitionKey);
    assert(model !== undefined, `expected definition ${instance.definitionKey} to be known to the view`);
    this.model = model;
    this.eventsSeen = context.events.length;
  }

  get instance(): InstanceRow {
    return instanceOf(this.context.draft, this.instanceId);
  }

  element(elementKey: Key): ElementRow {
    return elementOf(this.context.draft, this.instanceId, elementKey);
  }

  node(elementId: string): FlowNode {
    const node = this.model.elements[elementId];
    assert(node !== undefined, `expected element ${elementId} in process ${this.model.id}`);
    return node;
  }

  flow(flowId: string): SequenceFlow {
    const flow = this.model.flows[flowId];
    assert(flow !== undefined, `expected flow ${flowId} in process ${this.model.id}`);
    return flow;
  }
}
