import { unreachable } from '@millrace/std';
import {
  type Spec,
  adHoc,
  boundary,
  call,
  catching,
  decide,
  endWithMessage,
  errorTrigger,
  escalate,
  exclusive,
  expression,
  feel,
  firstEvent,
  inclusive,
  job,
  parallel,
  pass,
  publish,
  receive,
  script,
  sequential,
  subProcess,
  throwing,
  times,
  userTask,
  whilst,
} from './model.ts';
import type { Block, Outcome, SubEnd } from './known-blocks.ts';
import { type EventKind, KnownProcess, type Placed } from './known-process.ts';
import { embed, undo } from './known-scopes.ts';
import { type Way, beside, completed, entered, inOrder, own, passed, terminated } from './way.ts';

const passing: readonly Spec[] = [
  pass,
  { kind: 'manualTask' },
  script('1 + 1', 'two'),
  decide('Double', 'doubled'),
  publish({ topic: expression('example.topic'), payload: feel('key') }),
  throwing('unheard'),
  escalate('unheard'),
  { kind: 'intermediateThrowEvent', action: { kind: 'none' } } as Spec,
  { ...endWithMessage('unheard', '=key'), kind: 'intermediateThrowEvent' },
];

/** @param isRepeated whether it may be done several times, or several times at once. */
export function place(process: KnownProcess, from: string, block: Block, isRepeated: boolean): Placed {
  /** What stays as it is (a condition that holds) or is heard by all who wait (a signal) is for what is done once. */
  const once = (on: EventKind): EventKind => (isRepeated ? 'message' : on);
  const onHold = (on: EventKind): EventKind => (on === 'timer' ? 'message' : once(on));
  const placeIn = (at: string, inner: Block, repeated = isRepeated): Placed => place(process, at, inner, repeated);
  switch (block.kind) {
    case 'passing': {
      const last = process.follow(from, passing[block.which % passing.length] ?? pass);
      return { last, way: passed(last) };
    }
    case 'waiting': {
      const last = wait(process, from, block.which, isRepeated);
      return { last, way: passed(last) };
    }
    case 'catching': {
      const last = process.name();
      const trigger = process.planEvent(block.on, last, last) as Parameters<typeof catching>[0];
      process.add(catching(trigger), last);
      process.connect(from, last);
      return { last, way: passed(last) };
    }
    case 'guarded':
      return guard(
        process,
        from,
        block.by === 'error' ? 'error' : once(block.by),
        isRepeated && block.outcome === 'beside' ? 'interrupts' : block.outcome,
      );
    case 'repeated':
      return repeat(process, from, block.as, block.times);
    case 'undone':
      return undo(process, from, block.count, block.as);
    case 'sequence': {
      let [last, ways]: [string, Way[]] = [from, []];
      for (const inner of block.branches) {
        const placed = placeIn(last, inner);
        [last, ways] = [placed.last, [...ways, placed.way]];
      }
      return { last, way: inOrder(...ways) };
    }
    case 'fork': {
      const open = process.follow(from, parallel);
      const close = process.add(parallel);
      const ways = block.branches.map((inner) => {
        // A flow of its own per branch, whatever the branch begins with.
        const first = process.follow(open, pass);
        const placed = placeIn(first, inner);
        process.connect(placed.last, close);
        return inOrder(passed(first), placed.way);
      });
      return { last: close, way: inOrder(passed(open), beside(...ways), passed(close)) };
    }
    case 'choice':
    case 'some':
      return choose(process, from, block, placeIn);
    case 'race': {
      const open = process.follow(from, firstEvent);
      const close = process.add(exclusive);
      const winner = block.taken % block.branches.length;
      const ways = block.branches.map((inner, at) => {
        const event = process.name();
        const trigger = at === winner ? process.planEvent(once(block.on), open, event) : losing(event);
        process.add(catching(trigger as Parameters<typeof catching>[0]), event);
        process.connect(open, event);
        const placed = process.repeatedly(at === winner ? 1 : 0, () => placeIn(event, inner));
        process.connect(placed.last, close);
        return inOrder(passed(event), placed.way);
      });
      return { last: close, way: inOrder(passed(open), ways[winner] ?? inOrder(), passed(close)) };
    }
    case 'adHoc': {
      const last = process.follow(from, pass);
      const firsts: string[] = [];
      const way = process.within(last, () =>
        beside(
          ...block.branches.map((inner) => {
            const first = process.add(pass);
            firsts.push(first);
            return inOrder(passed(first), placeIn(first, inner).way);
          }),
        ),
      );
      const spec0 = process.elements[last];
      process.elements[last] = { ...spec0, ...adHoc({ activeElements: feel(JSON.stringify(firsts)) }) };
      return { last, way: passed(last, way) };
    }
    case 'loop': {
      const counter = `count_${process.name()}`;
      const reset = process.follow(from, script('0', counter));
      const head = process.follow(reset, exclusive);
      const placed = process.repeatedly(block.times, () => placeIn(head, block.body, true));
      const next = process.follow(placed.last, script(`${counter} + 1`, counter));
      const again = process.follow(next, exclusive);
      process.connect(again, head, `${counter} < ${block.times}`);
      const last = process.follow(again, pass, 'default');
      const round = inOrder(passed(head), placed.way, passed(next), passed(again));
      return { last, way: inOrder(passed(reset), ...Array<Way>(block.times).fill(round), passed(last)) };
    }
    case 'each': {
      const spec = subProcess();
      const loop = { cardinality: feel(String(block.times)) };
      const last = process.follow(from, block.isSequential ? sequential(spec, loop) : times(spec, loop));
      // A loop's counter is one variable for all of them, unless each has its own.
      const spec0 = process.elements[last];
      const inside = process.through(last, (begin) => placeIn(begin, block.body, true));
      const counters = Object.keys(process.elements).flatMap((id) => counterOf(process.elements[id]));
      const inputs = counters.map((name) => ({ source: feel('0'), target: [name] as [string] }));
      process.elements[last] = { ...spec0, inputs } as Spec;
      const ways = Array<Way>(block.times).fill(own(passed(last, inside)));
      return {
        last,
        way: inOrder(
          entered(`${last}*`),
          block.isSequential ? inOrder(...ways) : beside(...ways),
          completed(`${last}*`),
        ),
      };
    }
    case 'sub':
      return embed(process, from, isRepeated ? alone[block.end] : block.end, onHold(block.on), (begin) =>
        placeIn(begin, block.body),
      );
    case 'call': {
      const called = new KnownProcess(`${process.id}c${process.name()}_`, process.wait);
      process.called.push(called);
      const inside = called.through(undefined, (begin) =>
        place(called, begin, block.body, isRepeated || block.times > 1),
      );
      Object.assign(process.variables, called.variables);
      process.called.push(...called.called.splice(0));
      // Its copy of a counter would come back when the loop is further on.
      const spec = call(called.id, { passesAllOut: false });
      const last = process.follow(
        from,
        block.times === 1 ? spec : times(spec, { cardinality: feel(String(block.times)) }),
      );
      const once = passed(last, inside);
      if (block.times === 1) return { last, way: once };
      return {
        last,
        way: inOrder(entered(`${last}*`), beside(...Array<Way>(block.times).fill(own(once))), completed(`${last}*`)),
      };
    }
    default:
      return unreachable(block);
  }
}

/** Of several that wait at once under one key, nobody knows which hears a message: each ends by what it does itself. */
const alone: Readonly<Record<SubEnd, SubEnd>> = {
  plain: 'plain',
  interrupted: 'error',
  error: 'error',
  escalation: 'escalation',
  terminated: 'terminated',
  eventInterrupts: 'plain',
  eventBeside: 'plain',
};

function counterOf(spec: Spec | undefined): string[] {
  const { action } = (spec ?? {}) as { action?: { kind: string; resultVariable?: string } };
  const name = action?.kind === 'script' ? action.resultVariable : undefined;
  return name?.startsWith('count_') === true ? [name] : [];
}

const losing = (event: string) => ({ kind: 'signal', name: expression(`never-${event}`) }) as const;

/** What somebody has to answer. */
function wait(process: KnownProcess, from: string, which: number, isRepeated: boolean): string {
  switch (which % 5) {
    case 0:
      return process.answer(process.follow(from, job('a')), { do: 'completeJob' });
    case 1:
      return process.answer(process.follow(from, job('b', { backoff: 'PT0S' })), { do: 'failAndCompleteJob' });
    case 2:
      return process.answer(process.follow(from, userTask()), { do: 'completeTask' });
    case 3: {
      const topic = `engine.receive.${isRepeated ? 'many' : process.name()}`;
      const trigger = { kind: 'reply', topic, keyName: 'answer', timeout: expression('P3000D') } as const;
      return process.answer(process.follow(from, receive(trigger)), { do: 'reply', topic });
    }
    default:
      return process.answer(process.follow(from, { ...job('c'), kind: 'sendTask' }), { do: 'completeJob' });
  }
}

/** A task with a boundary event that comes or does not. */
function guard(process: KnownProcess, from: string, by: 'error' | EventKind, outcome: Outcome): Placed {
  const task = process.follow(from, job('a'));
  const event = process.name();
  if (outcome === 'notTaken' || (outcome === 'beside' && by !== 'error' && !process.canGoAside)) {
    const trigger = by === 'error' ? errorTrigger('E1') : losing(event);
    process.add(boundary(task, trigger), event);
    process.follow(event, pass);
    process.answer(task, { do: 'completeJob' });
    return { last: task, way: passed(task) };
  }
  const interrupts = outcome === 'interrupts' || by === 'error';
  const trigger = by === 'error' ? errorTrigger('E1') : process.planEvent(by, task, event);
  process.add(boundary(task, trigger, interrupts), event);
  const behind = process.follow(event, pass);
  if (by === 'error') process.answer(task, { do: 'throwError', code: 'E1' });
  if (!interrupts) {
    process.answer(task, { do: 'completeJob', after: event });
    process.aside(inOrder(passed(event), passed(behind)));
    return { last: task, way: passed(task) };
  }
  const merge = process.follow(task, exclusive);
  process.connect(behind, merge);
  return { last: merge, way: inOrder(entered(task), terminated(task), passed(event), passed(behind), passed(merge)) };
}

function repeat(
  process: KnownProcess,
  from: string,
  as: 'parallel' | 'sequential' | 'standard',
  count: number,
): Placed {
  const loop = { cardinality: feel(String(count)) };
  const spec =
    as === 'standard'
      ? whilst(job('a'), { maximum: count, condition: 'true' })
      : as === 'parallel'
        ? times(job('a'), loop)
        : sequential(job('a'), loop);
  const last = process.answer(process.follow(from, spec), { do: 'completeJob' });
  const ways = Array<Way>(count).fill(own(passed(last)));
  return {
    last,
    way: inOrder(entered(`${last}*`), as === 'parallel' ? beside(...ways) : inOrder(...ways), completed(`${last}*`)),
  };
}

function choose(
  process: KnownProcess,
  from: string,
  { kind, branches, taken }: Extract<Block, { taken: number }>,
  placeIn: (at: string, inner: Block) => Placed,
): Placed {
  const isSome = kind === 'some';
  const open = process.follow(from, isSome ? inclusive : exclusive);
  const close = process.add(isSome ? inclusive : exclusive);
  const variable = `chosen_${open}`;
  const isTaken = (at: number): boolean => (isSome ? (taken & (1 << at)) !== 0 : taken % branches.length === at);
  process.variables[variable] = branches.map((_, at) => isTaken(at));
  const ways = branches.map((inner, at) => {
    const first = process.follow(open, pass, `${variable}[${at + 1}]`);
    const placed = process.repeatedly(isTaken(at) ? 1 : 0, () => placeIn(first, inner));
    process.connect(placed.last, close);
    return inOrder(passed(first), placed.way);
  });
  const going = ways.filter((_, at) => isTaken(at));
  if (going.length > 0) return { last: close, way: inOrder(passed(open), beside(...going), passed(close)) };
  const first = process.follow(open, pass, 'default');
  process.connect(first, close);
  return { last: close, way: inOrder(passed(open), passed(first), passed(close)) };
}
