import type { Event } from '@millrace/records';

/** What happened, as lines a person reads: the event, then what tells it from others of its kind. */
export function story(events: readonly Event[]): string[] {
  return events.map((event) => [event.kind, ...detail(event)].join(' '));
}

/** Only what concerns the way of the tokens. */
export function path(events: readonly Event[]): string[] {
  const kinds = new Set(['element.entered', 'element.completed', 'element.terminated']);
  const ends = /^instance\.(completed|terminated|cancelled)$/;
  return story(events.filter(({ kind }) => kinds.has(kind) || ends.test(kind)));
}

function detail(event: Event): string[] {
  switch (event.kind) {
    case 'flow.taken':
      return [event.flowId];
    case 'variables.changed':
      return [JSON.stringify(event.values)];
    case 'incident.raised':
      return [event.elementId, event.reason];
    case 'command.rejected':
      return [event.commandKind, event.reason];
    case 'job.failed':
      return [event.elementId, `retries=${event.retries}`];
    case 'job.offered':
      return [event.elementId, `attempt=${event.attempt}`, event.because];
    case 'timer.scheduled':
    case 'timer.fired':
    case 'timer.cancelled':
      return [event.purpose.kind];
    case 'action.started':
    case 'action.executed':
    case 'action.skipped':
    case 'action.cancelled':
      return [event.elementId, event.action];
    case 'stage.entered':
      return [event.elementId, event.stage];
    case 'milestone.reached':
      return [event.elementId, event.milestone];
    case 'token.movedBack':
      return [event.elementId, event.to];
    case 'variables.removed':
      return [JSON.stringify(event.names)];
    case 'message.settled':
      return [event.outcome];
    case 'signal.delivered':
    case 'signal.settled':
      return [event.name, String(event.count)];
    default:
      return 'elementId' in event ? [event.elementId] : [];
  }
}
