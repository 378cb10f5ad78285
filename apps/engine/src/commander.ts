/**
 * Asks the engine: a command goes into the log, its event or rejection comes back by the feed.
 *
 * A1. The wait is registered before the command is sent: the answer cannot pass unseen.
 * A2. A call that gives up takes nothing back. The command is in the log and will be decided; the error says so.
 */
import { randomUUID } from 'node:crypto';
import { Problem } from '@millrace/contract';
import { type FeedEvent, ProjectionError, type Wait } from '@millrace/projection';
import type { Command } from '@millrace/records';
import { OperationalError } from '@millrace/std';
import { type EngineDependencies, engineLimits } from './dependencies.ts';
import { type IfNotFound, refusal } from './refusal.ts';

export interface AskOptions {
  /** Which of the events that carry the request's id is the answer; the first one without it. A rejection always is. */
  readonly accepts?: (event: FeedEvent) => boolean;
  /** What it means that the engine does not know what the command names. */
  readonly ifNotFound: IfNotFound;
}

export class Commander {
  readonly #dependencies: Pick<EngineDependencies, 'runtime' | 'projection'>;

  constructor(dependencies: Pick<EngineDependencies, 'runtime' | 'projection'>) {
    this.#dependencies = dependencies;
  }

  /** The event that answers the command. Throws a problem for a rejection. */
  async ask(command: Command, options: AskOptions): Promise<FeedEvent> {
    const answer = await this.tell(command, options);
    if (answer.event.kind === 'command.rejected') throw refusal(answer.event, options.ifNotFound);
    return answer;
  }

  /** A change to a user task: listeners that are asked about it come before its answer, and may refuse it. */
  async askTask(command: Command, options: Pick<AskOptions, 'ifNotFound'>): Promise<FeedEvent> {
    const accepts = ({ event }: FeedEvent): boolean => event.kind !== 'listener.called';
    const answer = await this.ask(command, { ...options, accepts });
    const { event } = answer;
    if (event.kind !== 'task.denied') return answer;
    throw new Problem('TASK_DENIED', event.reason, { processInstanceUuid: event.instanceId });
  }

  /** As `ask`, for those to whom a rejection says something. */
  async tell(command: Command, { accepts = () => true, ifNotFound }: AskOptions): Promise<FeedEvent> {
    const { runtime, projection } = this.#dependencies;
    const requestId = randomUUID();
    const wait = projection.waiters.forRequest(
      requestId,
      engineLimits.answerMsMax,
      (event) => event.event.kind === 'command.rejected' || accepts(event),
    ); // A1
    await this.#send(runtime, { ...command, requestId }, wait, ifNotFound);
    try {
      return await wait.event;
    } catch (error) {
      throw unanswered(error, command);
    }
  }

  async #send(
    runtime: EngineDependencies['runtime'],
    command: Command,
    wait: Wait,
    ifNotFound: IfNotFound,
  ): Promise<void> {
    try {
      await runtime.sender.send(command);
    } catch (error) {
      wait.cancel();
      // An id or a key that leads to no partition names nothing that can exist.
      if (error instanceof OperationalError && error.code === 'NO_SUCH_PARTITION') throw ifNotFound(error.message);
      throw error;
    }
  }
}

/** A2. */
function unanswered(error: unknown, command: Command): unknown {
  if (!(error instanceof ProjectionError)) return error;
  const advice =
    command.kind === 'startInstance'
      ? 'the start is in the log and will be done; ask again with the same Idempotency-Key to get the instance'
      : 'the command is in the log and will be decided; look at the status before asking again';
  if (error.code === 'WAIT_TIMED_OUT') {
    return new Problem('ANSWER_TIMED_OUT', `${error.message}; ${advice}`, instanceOf(command), { cause: error });
  }
  if (error.code === 'PROJECTION_CLOSED') {
    return new Problem('NOT_READY', `the server is shutting down; ${advice}`, instanceOf(command), { cause: error });
  }
  return error;
}

const instanceOf = (command: Command): { processInstanceUuid?: string } =>
  'instanceId' in command ? { processInstanceUuid: command.instanceId } : {};
