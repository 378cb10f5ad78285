import type { SignalAction } from '@millrace/bpmn';
import {
  type CommandOf,
  type ElementRow,
  type Reached,
  type SignalProgress,
  type SignalWaitRow,
  type Variables,
  partitionOfKey,
} from '@millrace/records';
import { assert } from '@millrace/std';
import { instanceOf } from '../apply/rows.ts';
import { lastSignalWait } from '../apply/signals.ts';
import { collect } from '../collect.ts';
import { entriesSize } from '../json-size.ts';
import {
  NAME_LENGTH_MAX,
  REMEMBERED_MS,
  SIGNALS_PER_STEP_MAX,
  SIGNAL_ID_LENGTH_MAX,
  SIGNAL_REACHED_MAX,
  VARIABLES_BYTES_MAX,
} from '../limits.ts';
import { signalIdRow, signalWaitRow } from '../row-keys.ts';
import { ofElement } from './close.ts';
import { type Context, type Refusal, refuse } from './context.ts';
import { evaluateSignalName } from './expressions.ts';
import { Failure } from './failure.ts';
import { raiseIncident } from './incidents.ts';
import { canOccur, occur, whyNoRoom } from './occur.ts';
import { onInstance } from './on-instance.ts';
import { ringWith } from './ring.ts';
import { schedule } from './schedule.ts';
import { inputVariables } from './scopes.ts';
import { startBySignal } from './starts.ts';
import { holdCommand, isSuspended } from './suspend.ts';
import { surroundings } from './surroundings.ts';
import type { Walk } from './walk.ts';

/** An element throws a signal: what its input mappings give goes with it. */
export function planSignal(
  walk: Walk,
  element: ElementRow,
  action: SignalAction,
  hops: number,
  carried?: Variables,
): (() => void) | Failure {
  const { context } = walk;
  const name = evaluateSignalName(action.name, surroundings(walk, element));
  if (name instanceof Failure) return name;
  return () => {
    const signalKey = context.nextKey();
    context.emit({ kind: 'signal.thrown', ...ofElement(element), signalKey, name });
    const variables = carried ?? inputVariables(context.draft, element, true);
    const ring = ringWith(context, `the signal "${name}"`, hops);
    askAll(context, { signalKey, name, variables, answers: false, hops, ...ring });
  };
}

/** Somebody outside throws a signal, and wants to know whom it reached. */
export function broadcastSignal(context: Context, command: CommandOf<'broadcastSignal'>): Refusal | undefined {
  const { name, signalId, variables, requestId } = command;
  const refusal = refuseSignal(command);
  if (refusal !== undefined) return refusal;
  const known = signalId === undefined ? undefined : context.draft.get('signalId', signalIdRow(signalId));
  if (known !== undefined && signalId !== undefined) {
    if (known.outcome === undefined) {
      return refuse('INVALID_STATE', `the signal with the id "${signalId}" is still being delivered`);
    }
    const { signalKey } = known;
    context.emit({ kind: 'signal.settled', signalKey, name: known.name, signalId, ...known.outcome, isRepeated: true });
    return undefined;
  }
  const signalKey = context.nextKey();
  context.emit({
    kind: 'signal.broadcast',
    signalKey,
    name,
    variables,
    partitions: context.draft.partitionCount,
    ...(signalId === undefined ? undefined : { signalId }),
    ...(requestId === undefined ? undefined : { requestId }),
  });
  askAll(context, { signalKey, name, variables, answers: true });
  return undefined;
}

function refuseSignal({ name, signalId, variables }: CommandOf<'broadcastSignal'>): Refusal | undefined {
  if (name === '' || name.length > NAME_LENGTH_MAX) {
    return refuse('INVALID_ARGUMENT', `expected a signal name of 1 to ${NAME_LENGTH_MAX} characters`);
  }
  if (signalId !== undefined && (signalId === '' || signalId.length > SIGNAL_ID_LENGTH_MAX)) {
    return refuse('INVALID_ARGUMENT', `expected a signal id of 1 to ${SIGNAL_ID_LENGTH_MAX} characters`);
  }
  const bytes = entriesSize(variables);
  if (bytes <= VARIABLES_BYTES_MAX) return undefined;
  return refuse('TOO_LARGE', `expected variables of at most ${VARIABLES_BYTES_MAX} bytes as JSON, found ${bytes}`);
}

type Delivery = Omit<CommandOf<'deliverSignal'>, 'kind' | 'version' | 'partition'>;

function askAll(context: Context, delivery: Delivery): void {
  for (let partition = 0; partition < context.draft.partitionCount; partition += 1) {
    context.send(partition, { kind: 'deliverSignal', version: 1, ...delivery, partition });
  }
}

/** The signal has come to this partition. E3. It wakes a slice of those who waited when it came, and goes on later. */
export function deliverSignal(context: Context, command: CommandOf<'deliverSignal'>): undefined {
  const { signalKey, name, partition, answers } = command;
  const { after, until, ...before } = command.progress ?? begin(context, command);
  const from = signalWaitRow({ name, sequence: after + 1 });
  const to = signalWaitRow({ name, sequence: until + 1 });
  const waits = collect(context.draft, 'signalWait', { from, to, limit: SIGNALS_PER_STEP_MAX });
  const woken = waits.map((wait) => wake(context, command, wait)).filter((reached) => reached !== undefined);
  const count = before.count + woken.length;
  const reached = answers ? [...before.reached, ...woken].slice(0, SIGNAL_REACHED_MAX) : [];
  context.emit({ kind: 'signal.delivered', signalKey, name, partition, count });
  const last = waits.at(-1);
  if (waits.length === SIGNALS_PER_STEP_MAX && last !== undefined) {
    const progress: SignalProgress = { after: last.sequence, until, count, reached };
    context.send(partition, { ...command, progress });
  } else if (answers) {
    context.send(ownerOf(signalKey), { kind: 'answerSignal', version: 1, signalKey, partition, count, reached });
  }
  return undefined;
}

/** Waits that open from now on are not concerned: who goes round in a loop hears a signal once. */
function begin(context: Context, command: CommandOf<'deliverSignal'>): SignalProgress {
  const started = context.draft.partition === 0 ? startBySignal(context, command) : [];
  return { after: 0, until: lastSignalWait(context.draft), count: started.length, reached: started };
}

/** Undefined for one that something woken before it has closed, that is ending, or that the variables do not fit into. */
type Waking = Pick<CommandOf<'deliverSignal'>, 'signalKey' | 'variables' | 'hops'>;

function wake(context: Context, command: Waking, wait: SignalWaitRow): Reached | undefined {
  const { name, sequence, instanceId, elementKey, elementId } = wait;
  const { signalKey, variables } = command;
  if (context.draft.get('signalWait', signalWaitRow(wait)) === undefined) return undefined;
  if (isSuspended(context, instanceId)) {
    const { processId } = instanceOf(context.draft, instanceId);
    const hops = command.hops === undefined ? undefined : { hops: command.hops };
    const later = {
      kind: 'wakeSignalWait',
      version: 1,
      instanceId,
      signalKey,
      name,
      sequence,
      variables,
      ...hops,
    } as const;
    // It counts as reached: the signal is not lost, and the wait takes it as soon as it may.
    return holdCommand(context, later) === undefined ? { processId, instanceId, elementId } : undefined;
  }
  let reached: Reached | undefined;
  onInstance(context, instanceId, (walk) => {
    if (!canOccur(walk, elementKey, elementId)) return undefined;
    const tooLarge = whyNoRoom(walk, elementKey, elementId, variables);
    if (tooLarge !== undefined) {
      if (elementKey !== instanceId) raiseIncident(walk, walk.element(elementKey), tooLarge, 'none');
      return undefined;
    }
    reached = { processId: walk.instance.processId, instanceId, elementId };
    const found = { name, sequence, instanceId, elementId, elementKey };
    context.emit({ kind: 'signalWait.triggered', ...found, signalKey, variables });
    occur(walk, elementKey, elementId, variables, command.hops ?? 0);
    return undefined;
  });
  return reached;
}

/** The instance has been resumed. A wait that has closed since takes nothing. */
export function wakeSignalWait(context: Context, command: CommandOf<'wakeSignalWait'>): undefined {
  const wait = context.draft.get('signalWait', signalWaitRow(command));
  if (wait?.instanceId === command.instanceId) wake(context, command, wait);
}

/** A partition has woken all that it had. With the last answer, who broadcast the signal is told. */
export function answerSignal(context: Context, command: CommandOf<'answerSignal'>): undefined {
  const { signalKey, partition, count } = command;
  const signal = context.draft.get('signal', signalKey);
  if (signal === undefined) return;
  const { name, signalId, requestId } = signal;
  const reached = command.reached.slice(0, SIGNAL_REACHED_MAX - signal.reached.length);
  context.emit({ kind: 'signal.answered', signalKey, name, partition, count, reached });
  const answered = context.draft.get('signal', signalKey);
  if (answered === undefined || answered.pending > 0) return;
  const rememberedUntil = signalId === undefined ? undefined : Math.trunc(context.now) + REMEMBERED_MS;
  context.emit({
    kind: 'signal.settled',
    signalKey,
    name,
    ...(signalId === undefined ? undefined : { signalId }),
    count: answered.count,
    reached: answered.reached,
    ...(rememberedUntil === undefined ? undefined : { rememberedUntil }),
    ...(requestId === undefined ? undefined : { requestId }),
  });
  if (signalId === undefined || rememberedUntil === undefined) return;
  schedule(context, rememberedUntil, { kind: 'forgetSignal', signalId });
}

function ownerOf(signalKey: string): number {
  const partition = partitionOfKey(signalKey);
  assert(partition !== undefined, `expected a signal key of ours, found ${signalKey}`);
  return partition;
}
