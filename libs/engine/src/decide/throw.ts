import { type ErrorAction, type EscalationAction, type FlowNode, triggersOf } from '@millrace/bpmn';
import type { ElementRow, Key, Variables } from '@millrace/records';
import { isInner } from './ad-hoc-begin.ts';
import { callerOf } from './caller.ts';
import { ofElement } from './close.ts';
import { endEarly } from './end.ts';
import { eventStartsOf } from './event-sub-process.ts';
import { evaluateText } from './expressions.ts';
import { Failure } from './failure.ts';
import { complete, leave } from './leave.ts';
import { proceed } from './move.ts';
import { occur } from './occur.ts';
import { surroundings } from './surroundings.ts';
import type { Walk } from './walk.ts';
import { boundaryIdsOf } from '../model-lookup.ts';

/** Who catches what is thrown: an event of the holder, which is the scope that it starts in or the activity it is attached to. */
export interface Catch {
  /** Of the same instance, or of one that has called it. */
  readonly walk: Walk;
  readonly holderKey: Key;
  readonly eventId: string;
  readonly interrupting: boolean;
}

type Thrown = 'error' | 'escalation';

/**
 * The nearest that catches, from the element or scope `key` outwards: of a scope its event sub-processes, then its boundary
 * events (BPMN 2.0.2 §10.5.1, §13.5.4); there, one for the very code before one for all. An event sub-process, `fromId`, does
 * not catch what is thrown in it. What nobody in an instance catches goes on to the call activity that called it.
 */
export function findCatch(walk: Walk, key: Key, kind: Thrown, code: string, fromId?: string): Catch | undefined {
  const holder = walk.holder(key);
  const isBody = 'loop' in holder && holder.loop !== undefined;
  // Of a sub-process that is done several times, event sub-processes belong to each time, boundary events to the whole.
  const starts = holder.isInterrupted === true || isBody ? [] : eventStartsOf(walk, key);
  const start = pick(
    starts.filter(({ scope }) => scope !== fromId),
    kind,
    code,
  );
  if (start !== undefined)
    return { walk, holderKey: key, eventId: start.id, interrupting: start.interrupting === true };
  if (key === walk.instanceId) {
    const caller = callerOf(walk);
    return caller && findCatch(caller.walk, caller.element.elementKey, kind, code);
  }
  const element = walk.element(key);
  const { elementId, scopeKey, loopCounter } = element;
  if (loopCounter !== undefined || isInner(element)) return findCatch(walk, scopeKey, kind, code, elementId);
  const boundary = pick(
    boundaryIdsOf(walk.model, elementId).map((id) => walk.node(id)),
    kind,
    code,
  );
  if (boundary?.kind !== 'boundaryEvent') return findCatch(walk, scopeKey, kind, code, elementId);
  return { walk, holderKey: key, eventId: boundary.id, interrupting: boundary.interrupting };
}

function pick<Event extends FlowNode>(events: readonly Event[], kind: Thrown, code: string): Event | undefined {
  const catches = (wanted: string | undefined) =>
    events.find((event) => triggersOf(event).some((trigger) => trigger.kind === kind && trigger.code === wanted));
  return catches(code) ?? catches(undefined);
}

/** An error end event throws out of its own scope. `before` is done when nothing can fail any more. */
export function throwError(
  walk: Walk,
  element: ElementRow,
  action: ErrorAction,
  hops: number,
  before: () => void,
): Failure | undefined {
  const code = evaluateText(action.code, surroundings(walk, element), 'the error code');
  if (code instanceof Failure) return code;
  const caught = findCatch(walk, element.scopeKey, 'error', code);
  if (caught === undefined) return unhandled(code);
  if (isOutOfReach(walk, caught)) return outOfReach(caught);
  before();
  if (caught.walk === walk) complete(walk, element.elementKey);
  deliver(walk, caught, {}, hops);
  return undefined;
}

/** In a caller that is suspended nothing moves; what is thrown to it stands until somebody throws it again. */
export function isOutOfReach(walk: Walk, caught: Catch): boolean {
  return caught.walk !== walk && caught.walk.instance.isSuspended === true;
}

export function outOfReach({ walk, eventId }: Catch): Failure {
  return new Failure(
    'UNHANDLED_ERROR',
    `expected the instance ${walk.instanceId}, whose "${eventId}" catches it, to run: it is suspended`,
  );
}

/** What an instance throws and its caller is interrupted by ends the instance, before the caller goes on. */
export function deliver(walk: Walk, caught: Catch, variables: Variables, hops: number): void {
  if (caught.walk === walk) return occur(walk, caught.holderKey, caught.eventId, variables, hops);
  if (caught.interrupting) endEarly(walk, 'cancelled', `its caller goes on from "${caught.eventId}"`);
  occur(caught.walk, caught.holderKey, caught.eventId, variables, hops);
  return proceed(caught.walk);
}

/** Whoever catches it decides whether what runs goes on. Nobody has to. */
export function throwEscalation(
  walk: Walk,
  element: ElementRow,
  action: EscalationAction,
  hops: number,
  before: () => void,
): Failure | undefined {
  const code = evaluateText(action.code, surroundings(walk, element), 'the escalation code');
  if (code instanceof Failure) return code;
  const caught = findCatch(walk, element.scopeKey, 'escalation', code);
  if (caught !== undefined && isOutOfReach(walk, caught)) return outOfReach(caught);
  before();
  const caughtBy = caught === undefined ? undefined : { caughtBy: caught.eventId };
  walk.context.emit({ kind: 'escalation.thrown', ...ofElement(element), code, ...caughtBy });
  const isInterrupted = caught?.interrupting === true;
  // The token of the throwing event has done its part.
  if (isInterrupted && caught.walk === walk) complete(walk, element.elementKey);
  if (caught !== undefined) deliver(walk, caught, {}, hops);
  if (!isInterrupted) leave(walk, element.elementKey, {}, hops);
  return undefined;
}

export function unhandled(code: string, message?: string): Failure {
  const said = message === undefined || message === '' ? '' : `: ${message}`;
  return new Failure('UNHANDLED_ERROR', `expected an event that catches the error "${code}"${said}`);
}
