import { unreachable } from '@millrace/std';
import type { Command } from '@millrace/records';
import type { Decision, Input } from '../decision.ts';
import { watermarkRow } from '../row-keys.ts';
import type { Step, View } from '../view.ts';
import { cancelBatch, continueBatch, startBatch } from './batches.ts';
import { Context, type Refusal, causeOf, noCause } from './context.ts';
import { executeAction } from './action-execute.ts';
import { activateElements } from './ad-hoc.ts';
import { moveTokenBack } from './back.ts';
import { correlateMessage } from './correlations.ts';
import { deploy } from './deploy.ts';
import { fireTimer } from './due.ts';
import { cancelInstance, continueInstance, startInstance, updateVariables } from './instances.ts';
import { completeJob, failJob, throwJobError } from './jobs.ts';
import {
  answerMessageStart,
  closeSubscription,
  confirmCorrelation,
  holdCorrelation,
  openSubscription,
  publishMessage,
  rejectCorrelation,
  reofferMessages,
} from './messages.ts';
import { migrateInstance } from './migrate.ts';
import { modifyInstance } from './modify.ts';
import { receiveReply } from './replies.ts';
import { resolveIncident } from './resolve.ts';
import { answerSignal, broadcastSignal, deliverSignal, wakeSignalWait } from './signals.ts';
import { evaluateConditions, offerMessageStart, releaseMessageStart } from './starts.ts';
import { holdCommand, isToBeHeld, resumeInstance, suspendInstance } from './suspend.ts';
import { reofferStarts, resumeDefinition, suspendDefinition } from './suspend-definition.ts';
import { claimTask, completeTask, unclaimTask, updateTask } from './tasks.ts';

/**
 * What follows from an input in this state. Nothing is changed (E1), nothing is thrown for what a user can cause (E4), and
 * the same arguments give the same answer (E2).
 */
export function decide(view: View, input: Input, step: Step): Decision {
  if (input.kind === 'timer.due') {
    const context = new Context(view, step, noCause);
    fireTimer(context, input.timer);
    return accepted(context);
  }
  if (isSeen(view, input)) return nothing;
  const context = new Context(view, step, causeOf(input));
  if (input.via !== undefined) context.via = input.via;
  const refusal = isToBeHeld(context, input) ? holdCommand(context, input) : execute(context, input);
  if (refusal !== undefined) return reject(view, step, input, refusal);
  // E7. Even what changed nothing must not come back from the bus.
  if (context.events.length === 0 && input.source !== undefined) {
    context.emit({ kind: 'ingress.advanced', source: input.source });
  }
  return accepted(context);
}

/** The events and outputs alone: the draft is not kept alive by them. */
function accepted({ events, outputs }: Context): Decision {
  return { events, outputs };
}

const nothing: Decision = { events: [], outputs: [] };

/** The ingress is at least once: what lies at or below the watermark has been decided. */
function isSeen(view: View, { source }: Command): boolean {
  if (source === undefined) return false;
  const seen = view.get('watermark', watermarkRow(source));
  return seen !== undefined && source.offset <= seen.offset;
}

/** A rejection changes nothing but the watermark; whatever was drafted before it is forgotten. */
function reject(view: View, step: Step, command: Command, { rejection, outputs }: Refusal): Decision {
  const context = new Context(view, step, causeOf(command));
  const instanceId = rejection.instanceId ?? ('instanceId' in command ? command.instanceId : undefined);
  context.emit({
    kind: 'command.rejected',
    commandKind: command.kind,
    reason: rejection.reason,
    message: rejection.message,
    ...(instanceId === undefined ? undefined : { instanceId }),
  });
  for (const output of outputs) context.output(output);
  if (command.source !== undefined) {
    context.output({ kind: 'deadLetter', source: command.source, rejection, command });
  }
  return { events: context.events, outputs: context.outputs, rejected: rejection };
}

function execute(context: Context, command: Command): Refusal | undefined {
  switch (command.kind) {
    case 'deploy':
      return deploy(context, command);
    case 'startInstance':
      return startInstance(context, command);
    case 'cancelInstance':
      return cancelInstance(context, command);
    case 'suspendDefinition':
      return suspendDefinition(context, command);
    case 'resumeDefinition':
      return resumeDefinition(context, command);
    case 'reofferStarts':
      return reofferStarts(context, command);
    case 'suspendInstance':
      return suspendInstance(context, command);
    case 'resumeInstance':
      return resumeInstance(context, command);
    case 'modifyInstance':
      return modifyInstance(context, command);
    case 'moveTokenBack':
      return moveTokenBack(context, command);
    case 'migrateInstance':
      return migrateInstance(context, command);
    case 'startBatch':
      return startBatch(context, command, execute);
    case 'continueBatch':
      return continueBatch(context, command, execute);
    case 'cancelBatch':
      return cancelBatch(context, command);
    case 'updateVariables':
      return updateVariables(context, command);
    case 'continue':
      return continueInstance(context, command);
    case 'completeJob':
      return completeJob(context, command);
    case 'failJob':
      return failJob(context, command);
    case 'throwJobError':
      return throwJobError(context, command);
    case 'receiveReply':
      return receiveReply(context, command);
    case 'claimTask':
      return claimTask(context, command);
    case 'unclaimTask':
      return unclaimTask(context, command);
    case 'updateTask':
      return updateTask(context, command);
    case 'completeTask':
      return completeTask(context, command);
    case 'activateElements':
      return activateElements(context, command);
    case 'executeAction':
      return executeAction(context, command);
    case 'resolveIncident':
      return resolveIncident(context, command);
    case 'publishMessage':
      return publishMessage(context, command);
    case 'openSubscription':
      return openSubscription(context, command);
    case 'closeSubscription':
      return closeSubscription(context, command);
    case 'correlateMessage':
      return correlateMessage(context, command);
    case 'confirmCorrelation':
      return confirmCorrelation(context, command);
    case 'holdCorrelation':
      return holdCorrelation(context, command);
    case 'rejectCorrelation':
      return rejectCorrelation(context, command);
    case 'offerMessageStart':
      return offerMessageStart(context, command);
    case 'answerMessageStart':
      return answerMessageStart(context, command);
    case 'releaseMessageStart':
      return releaseMessageStart(context, command);
    case 'evaluateConditions':
      return evaluateConditions(context, command);
    case 'broadcastSignal':
      return broadcastSignal(context, command);
    case 'deliverSignal':
      return deliverSignal(context, command);
    case 'wakeSignalWait':
      return wakeSignalWait(context, command);
    case 'answerSignal':
      return answerSignal(context, command);
    case 'reofferMessages':
      return reofferMessages(context, command);
    default:
      return unreachable(command);
  }
}
