import * as fc from 'fast-check';
import type { ExecutableProcess, JobAction } from '@millrace/bpmn';
import { type ActionSpec, acting } from './action-model.ts';
import {
  type AdHocOptions,
  type Spec,
  adHoc,
  boundary,
  call,
  compensate,
  complex,
  decide,
  catching,
  conditionTrigger,
  end,
  endWithCancel,
  endWithCompensation,
  endWithError,
  endWithSignal,
  endWithEscalation,
  endWithMessage,
  escalate,
  escalationTrigger,
  eventSubProcess,
  errorTrigger,
  exclusive,
  firstEvent,
  heard,
  heardTask,
  inclusive,
  expression,
  feel,
  job,
  listenersFor,
  map,
  messageTrigger,
  model,
  parallel,
  publish,
  pass,
  receive,
  script,
  sequential,
  several,
  signalTrigger,
  start,
  startOn,
  subProcess,
  terminate,
  throwing,
  throwingAll,
  transaction,
  undoing,
  undoneBy,
  timerTrigger,
  times,
  userTask,
  whilst,
} from './model.ts';
import { addStarts } from './random-starts.ts';
import { type Tangle, placeTangle, tangle } from './random-tangle.ts';

/**
 * Valid processes of every element and shape that the engine knows: sequences, choices, forks, loops, boundary events. Each can
 * end: what a process throws itself is heard only by what takes it once, or hears another in turn, never by an event that
 * begins something new each time; two throws in that would double without end.
 */

type Block =
  | { readonly kind: 'element'; readonly spec: Spec }
  | {
      readonly kind: 'guarded';
      readonly spec: Spec;
      readonly event: (attachedTo: string) => Spec;
      readonly after: Block;
    }
  | {
      readonly kind: 'undone';
      readonly spec: Spec;
      readonly handler: Spec;
      /** At the boundary of what undoes. */
      readonly event: ((attachedTo: string) => Spec) | null;
      readonly after: Block;
    }
  | {
      readonly kind: 'adHoc';
      readonly begins: number;
      readonly condition: string;
      readonly how: keyof typeof adHocOptions;
      readonly blocks: readonly Block[];
    }
  | {
      readonly kind: 'sub';
      readonly isTransaction: boolean;
      readonly body: Block;
      readonly last: Spec;
      /** How often it is done. */
      readonly loop: (spec: Spec) => Spec;
      readonly events: readonly { readonly event: (attachedTo: string) => Spec; readonly after: Block }[];
      readonly inner: readonly Inner[];
    }
  | {
      readonly kind: 'sequence' | 'choice' | 'fork' | 'some' | 'enough' | 'race' | 'loop';
      readonly blocks: readonly Block[];
    };

/** An event sub-process. */
interface Inner {
  readonly on: Spec;
  readonly body: Block;
  readonly last: Spec;
}

const replyTrigger = {
  kind: 'reply',
  topic: 'engine.receive.x',
  keyName: 'answer',
  timeout: expression('PT1H'),
} as const;

/** What can be done at a node; which of it goes together is the generator's choice. */
const doing = fc.constantFrom<Spec>(
  pass,
  job('a', { retries: '1' }),
  job('b', { inputs: [map('=n', 'local')], outputs: [map('=result', 'kept.result')] }),
  job('=missing'),
  script('if n = null then 1 else n + 1', 'n'),
  decide('Double', 'n'),
  publish({ topic: expression('example.topic'), payload: feel('n') }),
  call('q'),
  { ...endWithMessage('unheard', '=key'), kind: 'sendTask' } as Spec,
);

const actionSpec = fc.record({
  does: doing,
  isManual: fc.boolean(),
  isOptional: fc.boolean(),
  isRepeatable: fc.boolean(),
  order: fc.nat(1),
  hasParent: fc.boolean(),
  waits: fc.constantFrom('not', 'not', 'delay', 'cycle', 'reply'),
  condition: fc.constantFrom(undefined, undefined, undefined, 'n > 1', 'n != 2'),
});

type RandomAction = typeof actionSpec extends fc.Arbitrary<infer A> ? A : never;

function actionOf(spec: RandomAction, index: number, all: readonly RandomAction[]): ActionSpec {
  const { does, isManual, isOptional, isRepeatable, order, hasParent, waits, condition } = spec;
  const parent = hasParent && index > 0 ? { parent: `x${index - 1}` } : undefined;
  const isReplied = (all[index - 1]?.does as { action?: { kind: string } } | undefined)?.action?.kind === 'publish';
  const isCallback = waits === 'reply' && parent !== undefined && isReplied;
  const isCyclic = waits === 'cycle' && !isManual;
  return {
    name: `x${index}`,
    does,
    order,
    ...(isManual && !isCallback ? { isManual } : undefined),
    ...(isOptional || isCyclic ? { isOptional: true } : undefined),
    ...(isRepeatable ? { isRepeatable } : undefined),
    ...parent,
    ...(isCallback ? { callback: { key: 'answer', timeout: expression('PT1H') } } : undefined),
    ...(waits === 'delay' ? { timer: { timer: 'duration' as const, expression: expression('PT10S') } } : undefined),
    ...(isCyclic ? { timer: { timer: 'cycle' as const, expression: expression('R3/PT15S') } } : undefined),
    ...(condition === undefined ? undefined : { condition }),
  };
}

/** A node with actions, once or several times. */
const acted = fc
  .tuple(
    fc.constantFrom<Spec>(pass, userTask(), receive(replyTrigger), receive(messageTrigger('go', '=key'))),
    fc.array(actionSpec, { minLength: 1, maxLength: 3 }),
    fc.nat(5),
  )
  .map(([node, specs, loop]): Spec => {
    const spec = acting(node, ...specs.map(actionOf));
    return loop === 0 ? times(spec, { cardinality: feel('2') }) : spec;
  });

/** Who listens. Nothing can be heard at the end of an error event, nor before a gateway's flows. */
const hearing = fc.constantFrom<(spec: Spec) => Spec>(
  (spec) => spec,
  (spec) => spec,
  (spec) => spec,
  (spec) => heard(spec, { start: ['l1', '=if local = 2 then "l2" else null'] }),
  (spec) => heard(spec, { end: ['l3'] }),
  (spec) => heard(spec, { beforeAll: ['l4'], start: ['l1'], end: ['l3', 'l2'] }),
);
const hearingEnd = (spec: Spec, hear: (spec: Spec) => Spec): Spec =>
  'action' in spec && (spec.action as { kind: string }).kind === 'error' ? spec : hear(spec);

const listenedTask = fc.constantFrom<Spec>(
  heardTask(userTask(), { creating: ['t1'], completing: ['t2', '=missing'] }),
  heardTask(userTask({ assignee: expression('ann') }), { assigning: ['t1'], updating: ['t2'], canceling: ['t3'] }),
  heardTask(userTask(), { creating: ['t1'], completing: ['t2'], canceling: ['t3', 't4'] }),
  times(heardTask(userTask(), { completing: ['t2'], canceling: ['t3'] }), { cardinality: feel('2') }),
);

const plain = fc.constantFrom<Spec>(
  pass,
  script('if n = null then 1 else n + 1', 'n'),
  job('a', { retries: '1' }),
  job('b', { timeout: 'PT1M', inputs: [map('=n', 'local')], outputs: [map('=result', 'kept.result')] }),
  job('c', { backoff: 'PT5S', outputs: [map('=local', 'n')] }),
  userTask(),
  catching(timerTrigger('duration', 'PT10S')),
  catching(messageTrigger('go', '=key')),
  catching(signalTrigger('alarm')),
  catching(conditionTrigger('n > 1')),
  catching(several(false, messageTrigger('go', '=key'), timerTrigger('duration', 'PT20S'), signalTrigger('alarm'))),
  catching(several(true, messageTrigger('go', '=key'), messageTrigger('nudge', '=key'))),
  catching(conditionTrigger('loud', 'loud')),
  receive(messageTrigger('go', 'fixed')),
  receive(replyTrigger),
  job('=missing'),
  escalate('S1'),
  times(job('a'), { cardinality: feel('2'), outputCollection: 'got', outputElement: feel('result') }),
  times(pass, { inputCollection: feel('many'), inputElement: 'n' }),
  sequential(job('b'), { inputCollection: feel('[1, 2, 3]'), completionCondition: 'loopCounter = n' }),
  times(pass, {
    cardinality: feel('2'),
    throws: [
      { when: 'first', action: { kind: 'signal', name: expression('alarm') } },
      { when: 'each', condition: 'loopCounter = n', action: { kind: 'escalation', code: expression('S1') } },
    ],
  }),
  times(userTask(), { cardinality: feel('3'), completionCondition: 'numberOfCompletedInstances = 2' }),
  whilst(receive(messageTrigger('go', '=key')), { condition: 'n > loopCounter', maximum: 3 }),
  call('q'),
  call('q', { outputs: [map('=result', 'n')] }),
  call('nobody'),
  times(call('q'), { cardinality: feel('2') }),
  compensate(),
  compensate(undefined, false),
  { kind: 'manualTask' },
  publish({ topic: expression('example.topic'), payload: feel('n') }),
  decide('Double', 'n'),
  decide('nobody', 'n'),
  throwing('alarm'),
  throwingAll([throwing('alarm'), endWithMessage('tell', '=key')], escalate('S1')),
  throwingAll([throwing('unheard')], job('a', { retries: '1' })),
  throwingAll([endWithMessage('unheard', '=key')], compensate()),
  { ...endWithMessage('tell', '=key'), kind: 'intermediateThrowEvent' } as Spec,
  catching(messageTrigger('tell', '=key')),
  { kind: 'intermediateThrowEvent', action: { kind: 'none' } } as Spec,
);

const element = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(hearing, plain).map(([hear, spec]) => hear(spec)) },
  { weight: 1, arbitrary: fc.tuple(hearing, listenedTask).map(([hear, spec]) => hear(spec)) },
);

const plainWaiting = fc.constantFrom<Spec>(
  job('a', { retries: '1' }),
  userTask(),
  receive(messageTrigger('go', '=key')),
  times(job('a', { retries: '1' }), { cardinality: feel('2') }),
  sequential(userTask(), { cardinality: feel('2') }),
  call('q'),
);

const waiting = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(hearing, plainWaiting).map(([hear, spec]) => hear(spec)) },
  { weight: 1, arbitrary: fc.tuple(hearing, listenedTask).map(([hear, spec]) => hear(spec)) },
);

const event = fc.constantFrom<(attachedTo: string) => Spec>(
  (attachedTo) => boundary(attachedTo, timerTrigger('duration', 'PT30S')),
  (attachedTo) => boundary(attachedTo, timerTrigger('cycle', 'R2/PT20S'), false),
  (attachedTo) => boundary(attachedTo, messageTrigger('nudge', '=key')),
  (attachedTo) => boundary(attachedTo, messageTrigger('nudge', '=key'), false),
  (attachedTo) => boundary(attachedTo, signalTrigger('alarm')),
  (attachedTo) => boundary(attachedTo, conditionTrigger('n > 3')),
  (attachedTo) => boundary(attachedTo, conditionTrigger('result = 1 or n = 5'), false),
  (attachedTo) => boundary(attachedTo, messageTrigger('tell', '=key')),
  (attachedTo) => boundary(attachedTo, signalTrigger('=if n = null then "loud" else "quiet"'), false),
  (attachedTo) => boundary(attachedTo, errorTrigger('E1')),
  (attachedTo) => boundary(attachedTo, several(false, errorTrigger('E2'), messageTrigger('nudge', '=key'))),
  (attachedTo) => boundary(attachedTo, several(false, signalTrigger('alarm'), escalationTrigger('S1')), false),
  (attachedTo) => boundary(attachedTo, several(true, signalTrigger('alarm'), messageTrigger('nudge', '=key')), false),
  (attachedTo) => boundary(attachedTo, several(true, timerTrigger('duration', 'PT9S'), conditionTrigger('n = 5'))),
  (attachedTo) => boundary(attachedTo, errorTrigger()),
  (attachedTo) => boundary(attachedTo, escalationTrigger('S1')),
  (attachedTo) => boundary(attachedTo, escalationTrigger('S1'), false),
);

const plainEndingOfSub = fc.constantFrom<Spec>(
  end,
  end,
  terminate,
  endWithError('E1'),
  endWithError('E9'),
  endWithEscalation('S2'),
);

const endingOfSub = fc.tuple(hearing, plainEndingOfSub).map(([hear, spec]) => hearingEnd(spec, hear));

const undoable = fc.constantFrom<Spec>(
  pass,
  job('b', { inputs: [map('=n', 'local')] }),
  userTask(),
  times(pass, { inputCollection: feel('[1, 2]'), inputElement: 'n' }),
);

const innerStart = fc.constantFrom<Spec>(
  startOn(timerTrigger('duration', 'PT25S')),
  startOn(timerTrigger('cycle', 'R2/PT20S'), false),
  startOn(messageTrigger('nudge', '=key')),
  startOn(messageTrigger('go', '=key'), false),
  startOn(several(false, errorTrigger('E2'), signalTrigger('alarm'))),
  startOn(several(true, messageTrigger('go', '=key'), signalTrigger('alarm')), false),
  startOn(errorTrigger('E1')),
  startOn(errorTrigger()),
  startOn(escalationTrigger('S1')),
  startOn(escalationTrigger('S2'), false),
  startOn(signalTrigger('alarm')),
  startOn(conditionTrigger('n = 5')),
  startOn(conditionTrigger('result = 1'), false),
  startOn(signalTrigger('quiet'), false),
);

const innerOf = (body: fc.Arbitrary<Block>, ...more: Spec[]): fc.Arbitrary<Inner[]> =>
  fc.array(fc.record({ on: fc.oneof(innerStart, ...more.map((spec) => fc.constant(spec))), body, last: endingOfSub }), {
    maxLength: 2,
  });

const handler = fc.constantFrom<Spec>(
  undoing(pass),
  undoing(job('a', { retries: '1' })),
  undoing(script('if n = null then 1 else n + 1', 'n')),
  undoing(times(pass, { cardinality: feel('2') })),
);

const plainLoop = fc.constantFrom<(spec: Spec) => Spec>(
  (spec) => spec,
  (spec) => spec,
  (spec) => times(spec, { cardinality: feel('2') }),
  (spec) => sequential(spec, { inputCollection: feel('[0, 1]'), inputElement: 'n' }),
  (spec) => whilst(spec, { condition: 'n = 0', maximum: 2 }),
);

const loop = fc.tuple(hearing, plainLoop).map(
  ([hear, repeat]) =>
    (spec: Spec) =>
      repeat(hear(spec)),
);

const { block } = fc.letrec<{ block: Block }>((tie) => ({
  block: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    { weight: 5, arbitrary: element.map((spec): Block => ({ kind: 'element', spec })) },
    acted.map((spec): Block => ({ kind: 'element', spec })),
    fc.record({
      kind: fc.constant('guarded' as const),
      spec: fc.oneof(waiting, waiting, acted),
      event,
      after: tie('block'),
    }),
    fc.record({
      kind: fc.constantFrom(
        'sequence' as const,
        'choice' as const,
        'fork' as const,
        'some' as const,
        'enough' as const,
        'race' as const,
      ),
      blocks: fc.array(tie('block'), { minLength: 2, maxLength: 3 }),
    }),
    fc.record({
      kind: fc.constant('sub' as const),
      body: tie('block'),
      last: endingOfSub,
      loop,
      events: fc.array(fc.record({ event, after: tie('block') }), { maxLength: 2 }),
      isTransaction: fc.boolean(),
      inner: innerOf(tie('block'), startOn({ kind: 'compensation' })),
    }),
    fc.record({
      kind: fc.constant('undone' as const),
      spec: undoable,
      handler,
      event: fc.option(event),
      after: tie('block'),
    }),
    fc.record({
      kind: fc.constant('adHoc' as const),
      begins: fc.nat(2),
      condition: fc.constantFrom('n != null', 'true', 'n > 1'),
      how: fc.constantFrom('plain' as const, 'sequential' as const, 'collecting' as const, 'directed' as const),
      blocks: fc.array(tie('block'), { minLength: 1, maxLength: 2 }),
    }),
    fc.record({ kind: fc.constant('loop' as const), blocks: fc.array(tie('block'), { minLength: 1, maxLength: 1 }) }),
  ),
}));

const plainEnding = fc.constantFrom<Spec>(
  end,
  end,
  terminate,
  endWithError('E9'),
  endWithSignal('alarm'),
  { ...throwingAll([endWithSignal('alarm')], terminate), kind: 'endEvent' },
  { ...throwingAll([endWithSignal('alarm')], endWithError('E9')), kind: 'endEvent' },
  endWithMessage('tell', '=key'),
  endWithCompensation(),
  endWithEscalation('S9'),
  { ...job('a', { retries: '1' }), kind: 'endEvent' } as Spec,
);

const ending = fc.tuple(hearing, plainEnding).map(([hear, spec]) => hearingEnd(spec, hear));

const adHocOptions: Readonly<Record<'plain' | 'sequential' | 'collecting' | 'directed', AdHocOptions>> = {
  plain: {},
  sequential: { isSequential: true, cancelsRemaining: false },
  collecting: { outputCollection: 'got', outputElement: feel('result') },
  directed: { job: (job('a', { retries: '1' }) as unknown as { readonly action: JobAction }).action },
};

const gateways = { choice: exclusive, race: exclusive, fork: parallel, some: inclusive, enough: parallel };

/** The condition of a branch, `when` being one that exactly one of them fulfils. */
const conditions: Readonly<Record<string, (index: number, when: string) => string>> = {
  choice: (_index, when) => when,
  some: (index, when) => (when === '[default]' ? when : `[n != ${index}]`),
};

/** What an event-based gateway waits for. */
const racers: readonly Spec[] = [
  catching(timerTrigger('duration', 'PT15S')),
  catching(messageTrigger('go', '=key')),
  catching(signalTrigger('alarm')),
  receive(messageTrigger('nudge', '=key')),
  catching(several(false, conditionTrigger('n > 4'), messageTrigger('nudge', '=key'))),
  catching(conditionTrigger('n > 2')),
  receive(replyTrigger),
];

function callingNobody(spec: Spec & { readonly acting?: readonly ActionSpec[] }): Spec {
  if (spec.kind === 'callActivity') return pass;
  if (spec.acting === undefined) return spec;
  return acting(spec, ...spec.acting.map((action) => ({ ...action, does: callingNobody(action.does ?? pass) })));
}

const reached = /Task|^callActivity$|^subProcess$|^transaction$|^task$/;

/** Every element is in a stage, some are milestones, and tokens may go back to most that flows lead to. */
function progressOf({ kind, isForCompensation }: Spec, count: number): Partial<Spec> {
  return {
    stage: `stage ${count % 3}`,
    ...(count % 4 === 0 ? { milestone: `milestone ${count}` } : undefined),
    ...(reached.test(kind) && isForCompensation !== true && count % 3 !== 0
      ? { back: { remove: count % 2 === 0 ? ['n'] : [] } }
      : undefined),
  };
}

export function randomModel(id: string): fc.Arbitrary<ExecutableProcess> {
  const ofProcess = fc.constantFrom(
    {},
    {},
    {},
    { start: ['p1'] },
    { end: ['p2', 'p3'] },
    { start: ['p1'], end: ['p2'] },
  );
  const tangled = fc.option(tangle, { nil: undefined, freq: 3 });
  return fc.tuple(block, ending, innerOf(block), ofProcess, tangled).map(([body, last, inner, types, more]) => {
    const process = assemble(id, body, last, inner, more);
    return Object.keys(types).length === 0 ? process : { ...process, listeners: listenersFor(types) };
  });
}

/** Processes of little else than nodes with actions, one after the other and beside each other, and steps to go back to. */
export function randomActions(id: string): fc.Arbitrary<ExecutableProcess> {
  const guarded = fc.record({
    kind: fc.constant('guarded' as const),
    spec: acted,
    event,
    after: fc.constant<Block>({ kind: 'element', spec: pass }),
  });
  const one = fc.oneof(
    acted.map((spec): Block => ({ kind: 'element', spec })),
    guarded,
  );
  const beside = fc.record({
    kind: fc.constantFrom('fork' as const, 'sequence' as const, 'choice' as const),
    blocks: fc.tuple(one, one),
  });
  const first: Block = { kind: 'element', spec: userTask() };
  return fc
    .tuple(fc.array(fc.oneof(one, beside), { minLength: 1, maxLength: 3 }), fc.boolean())
    .map(([blocks, asks]) =>
      assemble(id, { kind: 'sequence', blocks: [...(asks ? [first] : []), ...blocks] }, end, []),
    );
}

function assemble(
  id: string,
  body: Block,
  last: Spec,
  innerOfProcess: readonly Inner[],
  more?: Tangle,
): ExecutableProcess {
  const elements: Record<string, Spec> = { start };
  const flows: string[] = [];
  let count = 0;
  let scope: string | undefined;
  const add = (spec: Spec): string => {
    const name = `e${(count += 1)}`;
    // What is called calls nobody: it would call itself.
    const own = id !== 'p' ? callingNobody(spec) : spec;
    elements[name] = { ...own, ...progressOf(own, count), ...(scope === undefined ? undefined : { scope }) };
    return name;
  };
  const connect = (from: string, to: string, condition = ''): void => void flows.push(`${from} -> ${to} ${condition}`);

  /** Puts the block behind `from`; returns the element that it ends with. */
  const place = (from: string, current: Block, condition = ''): string => {
    switch (current.kind) {
      case 'element': {
        const name = add(current.spec);
        connect(from, name, condition);
        return name;
      }
      case 'guarded': {
        const name = add(current.spec);
        connect(from, name, condition);
        place(add(current.event(name)), current.after);
        return name;
      }
      case 'adHoc': {
        const name = add(pass);
        connect(from, name, condition);
        const outer = scope;
        scope = name;
        const firsts = current.blocks.map((inner) => {
          const first = add(pass);
          place(first, inner);
          return first;
        });
        scope = outer;
        const activeElements = feel(JSON.stringify(firsts.slice(0, current.begins)));
        const completion = current.condition === 'true' ? undefined : { completionCondition: current.condition };
        const more = adHocOptions[current.how];
        const isDirected = current.how === 'directed';
        elements[name] = {
          ...elements[name],
          ...adHoc(isDirected ? more : { activeElements, ...completion, ...more }),
        };
        return name;
      }
      case 'undone': {
        const name = add(current.spec);
        connect(from, name, condition);
        const undoes = add(current.handler);
        add(undoneBy(name, undoes));
        if (current.event !== null) place(add(current.event(undoes)), current.after);
        return name;
      }
      case 'sub': {
        const name = add(current.loop(current.isTransaction ? transaction : subProcess()));
        connect(from, name, condition);
        if (current.isTransaction) connect(add(boundary(name, { kind: 'cancel' })), add(end));
        const outer = scope;
        scope = name;
        connect(
          place(add(start), current.body),
          add(current.isTransaction && current.last === end ? endWithCancel : current.last),
        );
        current.inner.forEach(addInner);
        scope = outer;
        for (const { event: on, after } of current.events) place(add(on(name)), after);
        return name;
      }
      case 'sequence':
        return current.blocks.reduce((at, next, index) => place(at, next, index === 0 ? condition : ''), from);
      case 'loop': {
        const head = add(exclusive);
        connect(from, head, condition);
        const again = add(exclusive);
        connect(place(head, current.blocks[0] as Block), again);
        connect(again, head, '[n < 3]');
        const out = add(pass);
        connect(again, out, '[default]');
        return out;
      }
      default:
        return split(from, current, condition);
    }
  };
  const addInner = (inner: Inner): void => {
    const outer = scope;
    scope = add(eventSubProcess);
    connect(place(add(inner.on), inner.body), add(inner.last));
    scope = outer;
  };
  const split = (from: string, current: Extract<Block, { blocks: unknown }>, condition: string): string => {
    const gateway = gateways[current.kind as keyof typeof gateways];
    const opening = add(current.kind === 'race' ? firstEvent : gateway);
    const closing = add(current.kind === 'enough' ? complex('activationCount >= 1') : gateway);
    connect(from, opening, condition);
    // Each at most once: two replies behind one gateway are refused by the reader.
    const firstRacer = count;
    current.blocks.forEach((branch, index) => {
      const isLast = index === current.blocks.length - 1;
      const when = isLast ? '[default]' : `[n = ${index}]`;
      // An element of its own per branch, so that two flows between the same two elements do not get the same id.
      const first = add(current.kind === 'race' ? (racers[(firstRacer + index) % racers.length] ?? pass) : pass);
      connect(opening, first, conditions[current.kind]?.(index, when) ?? '');
      const lastOfBranch = add(pass);
      connect(place(first, branch), lastOfBranch);
      connect(lastOfBranch, closing);
    });
    if (current.kind !== 'enough') return closing;
    // The reset has a token of its own now and then, and the next token may come before it.
    connect(closing, add(pass), '[not(waitingForStart) and n = 1]');
    const again = add(exclusive);
    connect(closing, again);
    connect(again, opening, '[n < 2]');
    const out = add(pass);
    connect(again, out, '[default]');
    return out;
  };

  // What is deployed as `s` can be started by anything.
  const begin = id === 's' ? addStarts(elements, flows) : 'start';
  const placed = place(begin, body);
  connect(more === undefined ? placed : placeTangle(placed, more, add, connect), add(last));
  innerOfProcess.forEach(addInner);
  return model(id, elements, flows);
}
