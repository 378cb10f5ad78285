import {
  type Spec,
  boundary,
  compensate,
  end,
  endWithCancel,
  endWithError,
  endWithEscalation,
  errorTrigger,
  escalationTrigger,
  eventSubProcess,
  exclusive,
  job,
  parallel,
  pass,
  start,
  startOn,
  subProcess,
  terminate,
  transaction,
  undoing,
  undoneBy,
  userTask,
} from './model.ts';
import type { SubEnd } from './known-blocks.ts';
import type { EventKind, KnownProcess, Placed } from './known-process.ts';
import { type Way, beside, completed, entered, inOrder, passed, terminated } from './way.ts';

/** Some activities that are undone, the last first. */
export function undo(process: KnownProcess, from: string, count: number, as: 'thrown' | 'cancelled'): Placed {
  const isCancelled = as === 'cancelled';
  const sub = process.follow(from, isCancelled ? transaction : subProcess());
  const activities: string[] = [];
  const handlers: string[] = [];
  const way = process.within(sub, () => {
    const begin = process.add(start);
    let last = begin;
    for (let at = 0; at < count; at += 1) {
      last = process.follow(last, pass);
      activities.push(last);
      const handler = process.answer(process.add(undoing(job('a'))), { do: 'completeJob' });
      handlers.unshift(handler);
      process.add(undoneBy(last, handler));
    }
    const done = inOrder(passed(begin), ...activities.map((id) => passed(id)));
    const undone = handlers.map((id) => passed(id));
    if (isCancelled) return inOrder(done, passed(process.follow(last, endWithCancel)), ...undone);
    const thrown = process.follow(last, compensate());
    const ended = process.follow(thrown, end);
    return inOrder(done, passed(thrown, ...undone), passed(ended));
  });
  if (!isCancelled) return { last: sub, way: passed(sub, way) };
  const event = process.add(boundary(sub, { kind: 'cancel' }));
  const merge = process.follow(sub, exclusive);
  process.connect(event, merge);
  return { last: merge, way: inOrder(entered(sub), way, terminated(sub), passed(event), passed(merge)) };
}

/** A sub-process that ends as it is said. */
export function embed(
  process: KnownProcess,
  from: string,
  ends: SubEnd,
  on: EventKind,
  body: (begin: string) => Placed,
): Placed {
  const sub = process.follow(from, subProcess());
  if (ends === 'plain') return { last: sub, way: passed(sub, process.through(sub, body)) };
  if (ends === 'terminated') return { last: sub, way: passed(sub, terminateInside(process, sub, body)) };
  if (ends === 'eventInterrupts' || ends === 'eventBeside') {
    return { last: sub, way: passed(sub, withEventSubProcess(process, sub, ends === 'eventInterrupts', on, body)) };
  }
  const event = process.name();
  if (ends === 'escalation' && process.canGoAside) {
    const way = process.through(sub, body, endWithEscalation(`S-${event}`));
    process.add(boundary(sub, escalationTrigger(`S-${event}`), false), event);
    process.aside(passed(event));
    return { last: sub, way: passed(sub, way) };
  }
  let way: Way;
  if (ends === 'error') {
    process.add(boundary(sub, errorTrigger(`E-${event}`)), event);
    way = process.through(sub, body, endWithError(`E-${event}`), false);
  } else {
    // Nobody does the last task: what the boundary event ends is known.
    way = process.within(
      sub,
      () => {
        const begin = process.add(start);
        const placed = body(begin);
        const hold = process.follow(placed.last, userTask());
        process.add(boundary(sub, process.planEvent(on, hold, event)), event);
        return inOrder(passed(begin), placed.way, entered(hold), terminated(hold));
      },
      false,
    );
    // It guards the sub-process, not what is in it.
    const { scope: _, ...guarding } = process.elements[event] as Spec & { scope?: string };
    const { scope } = process.elements[sub] as { scope?: string };
    process.elements[event] = scope === undefined ? guarding : { ...guarding, scope };
  }
  const merge = process.follow(sub, exclusive);
  process.connect(event, merge);
  return { last: merge, way: inOrder(entered(sub), way, terminated(sub), passed(event), passed(merge)) };
}

/** A terminate end event beside a task that nobody does. */
function terminateInside(process: KnownProcess, sub: string, body: (begin: string) => Placed): Way {
  return process.within(
    sub,
    () => {
      const begin = process.add(start);
      const open = process.follow(begin, parallel);
      const hold = process.follow(open, userTask());
      const first = process.follow(open, pass);
      const placed = body(first);
      const gate = process.follow(placed.last, job('a'));
      process.answer(gate, { do: 'completeJob', after: hold });
      const last = process.follow(gate, terminate);
      return inOrder(
        passed(begin),
        passed(open),
        beside(entered(hold), inOrder(passed(first), placed.way, passed(gate))),
        passed(last),
        terminated(hold),
      );
    },
    false,
  );
}

function withEventSubProcess(
  process: KnownProcess,
  sub: string,
  interrupts: boolean,
  on: EventKind,
  body: (begin: string) => Placed,
): Way {
  return process.within(
    sub,
    () => {
      const begin = process.add(start);
      const placed = body(begin);
      const hold = process.follow(placed.last, userTask());
      const inner = process.add(eventSubProcess);
      const startId = process.name();
      const trigger = process.planEvent(on, hold, startId);
      const inside = process.within(inner, () => {
        process.add(startOn(trigger, interrupts), startId);
        const ended = process.follow(startId, pass);
        return inOrder(passed(startId), passed(ended));
      });
      const before = inOrder(passed(begin), placed.way, entered(hold));
      if (interrupts) return inOrder(before, terminated(hold), passed(inner, inside));
      process.answer(hold, { do: 'completeTask', after: startId });
      return inOrder(before, beside(passed(inner, inside), completed(hold)));
    },
    !interrupts,
  );
}
