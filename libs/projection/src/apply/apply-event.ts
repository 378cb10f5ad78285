import { unreachable } from '@millrace/std';
import type { Changes } from '../changes.ts';
import type { FeedEvent } from '../feed-event.ts';
import { actionEnded, actionExecuted, actionStarted, actionsAwaited, actionsOpened } from './actions.ts';
import { batchEnded, batchProgressed, batchStarted } from './batches.ts';
import { incidentRaised, incidentResolved } from './incidents.ts';
import { messageDeferred, messageExpired, messagePublished, messageSettled, messageTaken } from './messages.ts';
import { instanceMigrated } from './migration.ts';
import { instanceEnded, instanceStarted, variablesChanged } from './instances.ts';
import { milestoneReached, stageEntered, stepPassed, tokensWithdrawn, variablesRemoved } from './progress.ts';
import { definitionResumed, definitionSuspended } from './suspensions.ts';
import { taskChanged, taskCreated, taskUpdated } from './tasks.ts';
import { elementEntered, elementLeft, flowTaken, scopeCleared, tokenWaits } from './tokens.ts';

/** Folds one event into the read models. The switch is whole on purpose: a new kind of event must be thought about here. */
export function applyEvent(changes: Changes, { event, instanceId, offset }: FeedEvent): void {
  if (instanceId !== undefined) changes.note(instanceId, offset);
  switch (event.kind) {
    case 'instance.started':
      return instanceStarted(changes, event);
    case 'instance.completed':
      return instanceEnded(changes, event, 'FINISHED');
    case 'instance.terminated':
      return instanceEnded(changes, event, 'TERMINATED');
    case 'instance.cancelled':
      return instanceEnded(changes, event, 'CANCELLED');
    case 'instance.expired':
      return instanceEnded(changes, event, 'EXPIRED');
    case 'batch.started':
      return batchStarted(changes, event);
    case 'batch.progressed':
      return batchProgressed(changes, event);
    case 'batch.ended':
      return batchEnded(changes, event);
    case 'instance.migrated':
      return instanceMigrated(changes, event);
    case 'definition.suspended':
      return definitionSuspended(changes, event);
    case 'definition.resumed':
      return definitionResumed(changes, event);
    case 'instance.suspended':
      return changes.update('instance', event.instanceId, { state: 'SUSPENDED' });
    case 'instance.resumed':
      return changes.update('instance', event.instanceId, { state: 'STARTED' });
    case 'actions.opened':
      return actionsOpened(changes, event);
    case 'action.started':
      return actionStarted(changes, event);
    case 'action.executed':
      return actionExecuted(changes, event);
    case 'action.skipped':
    case 'action.cancelled':
      return actionEnded(changes, event);
    case 'actions.awaited':
      return actionsAwaited(changes, event);
    case 'stage.entered':
      return stageEntered(changes, event);
    case 'milestone.reached':
      return milestoneReached(changes, event);
    case 'step.passed':
      return stepPassed(changes, event);
    case 'tokens.withdrawn':
      return tokensWithdrawn(changes, event);
    case 'variables.removed':
      return variablesRemoved(changes, event);
    case 'variables.changed':
      return variablesChanged(changes, event);
    case 'element.entered':
      return elementEntered(changes, event);
    case 'element.completed':
    case 'element.terminated':
      return elementLeft(changes, event);
    case 'flow.taken':
      return flowTaken(changes, event);
    case 'scope.cleared':
      return scopeCleared(changes, event);
    case 'wait.opened':
      return tokenWaits(changes, event, 'WAITING_MESSAGE_EVENT');
    case 'signalWait.opened':
      return tokenWaits(changes, event, 'WAITING_SIGNAL_EVENT');
    case 'condition.opened':
      return tokenWaits(changes, event, 'WAITING_CONDITION');
    case 'receive.opened':
      return tokenWaits(changes, event, 'WAITING_MESSAGE');
    case 'timer.scheduled':
      if (event.purpose.kind === 'instanceExpiry') {
        return changes.update('instance', event.purpose.instanceId, { expiresAt: event.dueAt });
      }
      return event.purpose.kind === 'catch' ? tokenWaits(changes, event.purpose, 'WAITING_TIMER_EVENT') : undefined;
    case 'task.created':
      return taskCreated(changes, event);
    case 'task.claimed':
      return taskChanged(changes, event, 'CLAIMED', event.assignee);
    case 'task.unclaimed':
      return taskChanged(changes, event, 'CREATED', undefined);
    case 'task.updated':
      return taskUpdated(changes, event);
    case 'task.completed':
      return taskChanged(changes, event, 'COMPLETED');
    case 'task.cancelled':
      return taskChanged(changes, event, 'CANCELLED');
    case 'message.published':
      return messagePublished(changes, event);
    case 'message.correlated':
      return messageTaken(changes, event.messageKey);
    case 'message.startAnswered':
      return event.started.length > 0 ? messageTaken(changes, event.messageKey) : undefined;
    case 'message.deferred':
      return messageDeferred(changes, event);
    case 'message.settled':
      return messageSettled(changes, event);
    case 'message.expired':
      return messageExpired(changes, event);
    case 'incident.raised':
      return incidentRaised(changes, event);
    case 'incident.resolved':
      return incidentResolved(changes, event);
    case 'action.released':
    case 'token.movedBack':
    case 'deployment.accepted':
    case 'definition.deployed':
    case 'decisions.deployed':
    case 'form.deployed':
    case 'instance.ending':
    case 'instance.forgotten':
    case 'instance.modified':
    case 'input.held':
    case 'input.released':
    case 'loop.started':
    case 'loop.collected':
    case 'loop.deferred':
    case 'loop.resumed':
    case 'token.deferred':
    case 'token.resumed':
    case 'scope.closing':
    case 'scope.interrupted':
    case 'escalation.thrown':
    case 'process.called':
    case 'call.returned':
    case 'compensation.opened':
    case 'compensation.thrown':
    case 'compensation.started':
    case 'compensation.deferred':
    case 'compensation.resumed':
    case 'compensation.counted':
    case 'compensation.undone':
    case 'compensation.dropped':
    case 'transaction.cancelled':
    case 'listener.called':
    case 'listeners.done':
    case 'task.noted':
    case 'task.denied':
    case 'job.created':
    case 'job.offered':
    case 'job.completed':
    case 'job.failed':
    case 'job.errorThrown':
    case 'job.cancelled':
    case 'record.published':
    case 'decision.evaluated':
    case 'message.thrown':
    case 'receive.matched':
    case 'receive.closed':
    case 'timer.fired':
    case 'timer.cancelled':
    case 'ingress.advanced':
    case 'command.rejected':
    case 'wait.correlated':
    case 'wait.closed':
    case 'subscription.opened':
    case 'subscription.closed':
    case 'message.offered':
    case 'message.refused':
    case 'message.held':
    case 'message.startOffered':
    case 'startEvent.opened':
    case 'startEvent.closed':
    case 'startEvent.declined':
    case 'startEvent.triggered':
    case 'startEvent.withheld':
    case 'starts.reoffered':
    case 'startLock.released':
    case 'condition.changed':
    case 'condition.triggered':
    case 'condition.closed':
    case 'conditions.deferred':
    case 'conditions.evaluated':
    case 'conditions.resumed':
    case 'adHoc.queued':
    case 'adHoc.dequeued':
    case 'adHoc.fulfilled':
    case 'event.partCame':
    case 'event.partsTaken':
    case 'gateway.activated':
    case 'gateway.resetting':
    case 'gateway.reset':
    case 'signal.thrown':
    case 'signal.broadcast':
    case 'signal.delivered':
    case 'signal.answered':
    case 'signal.settled':
    case 'signal.forgotten':
    case 'signalWait.triggered':
    case 'signalWait.closed':
      return undefined;
    default:
      return unreachable(event);
  }
}
