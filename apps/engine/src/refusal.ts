import { limits, Problem, type ProblemCode } from '@millrace/contract';
import type { CommandKind, EventOf } from '@millrace/records';
import { unreachable } from '@millrace/std';

/** What is missing, told to the caller: the engine forgets what has ended, the read models may still know it. */
export type IfNotFound = (message: string) => Problem;

const invalidStates: Readonly<Partial<Record<CommandKind, ProblemCode>>> = {
  claimTask: 'TASK_CLAIMED',
  startInstance: 'DEFINITION_SUSPENDED',
  evaluateConditions: 'DEFINITION_SUSPENDED',
};

/** The problem that a rejection of the engine is for the caller of REST. */
export function refusal(event: EventOf<'command.rejected'>, ifNotFound: IfNotFound): Problem {
  const { reason, message, commandKind, instanceId } = event;
  const details = instanceId === undefined ? {} : { processInstanceUuid: instanceId };
  switch (reason) {
    case 'NOT_FOUND':
      return ifNotFound(message);
    case 'ALREADY_EXISTS':
      return new Problem('ALREADY_EXISTS', message, details);
    case 'INVALID_STATE':
      return new Problem(invalidStates[commandKind] ?? 'INVALID_STATE', message, details);
    case 'NOT_MANUAL':
      return new Problem('ACTION_NOT_MANUAL', message, details);
    case 'EXECUTED_ALREADY':
      return new Problem('ACTION_EXECUTED', message, details);
    case 'PARENT_NOT_EXECUTED':
      return new Problem('ACTION_PARENT_NOT_EXECUTED', message, details);
    case 'NOT_ALLOWED':
      return new Problem('NOT_ALLOWED', message, details);
    case 'STALE_ATTEMPT':
    case 'NO_MATCH':
      return new Problem('INVALID_STATE', message, details);
    case 'TOO_LARGE':
      return new Problem('VARIABLES_TOO_LARGE', message, { ...details, limit: limits.variablesBytesMax });
    case 'INVALID_ARGUMENT':
      return new Problem(commandKind === 'startInstance' ? 'START_REFUSED' : 'INVALID_REQUEST', message, details);
    case 'LIMIT_REACHED':
      return new Problem('OVERLOADED', message, { ...details, retryAfterSeconds: 5 });
    default:
      return unreachable(reason);
  }
}
