import type { Event, EventKind, EventOf } from '@millrace/records';
import type { State } from '../view.ts';
import { watermarkRow } from '../row-keys.ts';
import { actionAppliers } from './actions.ts';
import { adHocAppliers } from './ad-hoc.ts';
import { batchAppliers } from './batches.ts';
import { compensationAppliers } from './compensation.ts';
import { conditionAppliers } from './conditions.ts';
import { definitionAppliers } from './definitions.ts';
import { elementAppliers } from './elements.ts';
import { eventPartAppliers } from './event-parts.ts';
import { gatewayAppliers } from './gateways.ts';
import { incidentAppliers } from './incidents.ts';
import { instanceAppliers } from './instances.ts';
import { jobAppliers } from './jobs.ts';
import { listenerAppliers } from './listeners.ts';
import { loopAppliers } from './loops.ts';
import { messageAppliers } from './messages.ts';
import { operationAppliers } from './operations.ts';
import { progressAppliers } from './progress.ts';
import { signalAppliers } from './signals.ts';
import { startAppliers } from './starts.ts';
import { suspensionAppliers } from './suspensions.ts';
import { timerAppliers } from './timers.ts';
import { waitAppliers } from './waits.ts';

type Applier<Kind extends EventKind> = (state: State, event: EventOf<Kind>) => void;
export type Appliers<Kind extends EventKind> = { readonly [K in Kind]: Applier<K> };

const nothing = (): void => undefined;

const appliers: Appliers<EventKind> = {
  ...definitionAppliers,
  ...instanceAppliers,
  ...elementAppliers,
  ...loopAppliers,
  ...jobAppliers,
  ...waitAppliers,
  ...timerAppliers,
  ...incidentAppliers,
  ...messageAppliers,
  ...operationAppliers,
  ...batchAppliers,
  ...startAppliers,
  ...suspensionAppliers,
  ...signalAppliers,
  ...conditionAppliers,
  ...compensationAppliers,
  ...gatewayAppliers,
  ...actionAppliers,
  ...progressAppliers,
  ...eventPartAppliers,
  ...listenerAppliers,
  ...adHocAppliers,
  'deployment.accepted': nothing,
  'record.published': nothing,
  'decision.evaluated': nothing,
  'message.thrown': nothing,
  'escalation.thrown': nothing,
  'ingress.advanced': nothing,
  'command.rejected': nothing,
};

/**
 * E1. The only thing that changes state. An applier never refuses and never computes what deciding could have written into
 * the event; once shipped it is frozen, for the log will be folded through it again.
 */
export function apply(state: State, event: Event): void {
  // E7. The watermark rides on the first event of the decision, whatever it is.
  if (event.source !== undefined) {
    state.put('watermark', watermarkRow(event.source), { offset: event.source.offset });
  }
  (appliers[event.kind] as Applier<EventKind>)(state, event);
}
