import { type Roots, split } from './notation-events.ts';
import { attribute, formal, wrap } from './xml-text.ts';

interface Activity {
  readonly tag: string;
  /** Its own extension element. */
  readonly extension?: string;
  readonly own?: Readonly<Record<string, string>>;
}

/** Tasks and sub-processes by the words that the notation has for them. */
export function activityOf(kind: string, rest: string, more: readonly string[], roots: Roots): Activity {
  switch (kind) {
    case 'task':
      return { tag: 'task' };
    case 'manual':
      return { tag: 'manualTask' };
    case 'job':
      return { tag: 'serviceTask', extension: jobXml(rest, more) };
    case 'send':
      return { tag: 'sendTask', extension: rest === '' ? '' : jobXml(rest, more) };
    case 'user':
      return { tag: 'userTask', extension: '<zeebe:userTask/>' };
    case 'script': {
      const [, resultVariable = '', text = ''] = /^(\w+) = (.+)$/.exec(rest) ?? [];
      return {
        tag: 'scriptTask',
        extension: `<zeebe:script ${attribute({ expression: `=${text}`, resultVariable })}/>`,
      };
    }
    case 'rule': {
      const [, decisionId = '', resultVariable = ''] = /^(\S+) as (\w+)$/.exec(rest) ?? [];
      const extension = `<zeebe:calledDecision ${attribute({ decisionId, resultVariable })}/>`;
      return { tag: 'businessRuleTask', extension };
    }
    case 'rule-job':
      return { tag: 'businessRuleTask', extension: jobXml(rest, more) };
    case 'receive': {
      const [name, how] = split(rest);
      const instantiate = how === 'instantiate' ? 'true' : '';
      return { tag: 'receiveTask', own: { messageRef: roots.message(name), instantiate } };
    }
    case 'reply': {
      const [topic, key] = split(rest);
      return { tag: 'receiveTask', extension: `<millrace:receive ${attribute({ topic, key })}/>` };
    }
    case 'call':
      return { tag: 'callActivity', extension: `<zeebe:calledElement ${attribute({ processId: rest })}/>` };
    case 'sub':
      return { tag: 'subProcess' };
    case 'transaction':
      return { tag: 'transaction' };
    case 'event-sub':
      return { tag: 'subProcess', own: { triggeredByEvent: 'true' } };
    case 'ad-hoc': {
      const [, outputCollection = '', outputElement = ''] =
        /^collect (\w+) (=.+)$/.exec(more.find((part) => part.startsWith('collect ')) ?? '') ?? [];
      const type = more.find((part) => part.startsWith('directed by '))?.slice(12);
      const own = {
        ordering: more.includes('one by one') ? 'Sequential' : '',
        cancelRemainingInstances: more.includes('waits for the rest') ? 'false' : '',
      };
      const options = attribute({ activeElementsCollection: rest, outputCollection, outputElement });
      const extension = `<zeebe:adHoc ${options}/>${type === undefined ? '' : jobXml(type, more)}`;
      return { tag: 'adHocSubProcess', extension, own };
    }
    default:
      throw new Error(`expected a kind of element, found "${kind}"`);
  }
}

function jobXml(type: string, more: readonly string[]): string {
  const retries = more.find((part) => part.startsWith('retries '))?.slice(8);
  return `<zeebe:taskDefinition ${attribute({ type, ...(retries === undefined ? undefined : { retries }) })}/>`;
}

export function mappingsXml(more: readonly string[]): string {
  const mappings = more.flatMap((part) => {
    const [, tag, source = '', target = ''] = /^(in|out) (=.+) as ([\w.]+)$/.exec(part) ?? [];
    return tag === undefined ? [] : [`<zeebe:${tag}put ${attribute({ source, target })}/>`];
  });
  return mappings.length === 0 ? '' : wrap('zeebe:ioMapping', {}, mappings.join(''));
}

export function stopXml(more: readonly string[]): string {
  const until = more.find((part) => part.startsWith('until '))?.slice(6);
  return until === undefined ? '' : formal('completionCondition', until);
}

/** `each =items as item`, `one by one =items as item`, `times 3`, `one by one times 3`, with `collect`, `until`; `while`. */
export function loopXml(more: readonly string[]): (part: string) => string {
  const [, collected, element = ''] =
    /^collect (\w+) (=.+)$/.exec(more.find((part) => part.startsWith('collect ')) ?? '') ?? [];
  const stop = stopXml(more) + throwsXml(more);
  const throws = behaviorOf(more);
  const collect = collected === undefined ? undefined : { outputCollection: collected, outputElement: element };
  return (part) => {
    const [, order, items, item] = /^(each|one by one) (=.+) as (\w+)$/.exec(part) ?? [];
    const isSequential = { isSequential: String(part.startsWith('one by one')), ...throws };
    if (order !== undefined) {
      const loop = `<zeebe:loopCharacteristics ${attribute({ inputCollection: items ?? '', inputElement: item ?? '', ...collect })}/>`;
      return wrap(
        'bpmn:multiInstanceLoopCharacteristics',
        isSequential,
        wrap('bpmn:extensionElements', {}, loop) + stop,
      );
    }
    const [, cardinality] = /^(?:one by one )?times (.+)$/.exec(part) ?? [];
    if (cardinality !== undefined) {
      const count = formal('loopCardinality', cardinality);
      return wrap('bpmn:multiInstanceLoopCharacteristics', isSequential, count + stop);
    }
    const [, when, condition = '', maximum] = /^(while|while before) (=.+?)(?: max (\d+))?$/.exec(part) ?? [];
    if (when === undefined) return '';
    const bounds = { testBefore: String(when === 'while before'), ...(maximum && { loopMaximum: maximum }) };
    return wrap('bpmn:standardLoopCharacteristics', bounds, formal('loopCondition', condition));
  };
}

/** `first throws signal s`, `each throws escalation E`, `each throws error E when =x`: what a multi-instance throws on its way. */
function behaviorOf(more: readonly string[]): Readonly<Record<string, string>> {
  const [, when, id, condition] = thrownBy(more);
  if (when === undefined || id === undefined) return {};
  if (condition !== undefined) return { behavior: 'Complex' };
  return when === 'first'
    ? { behavior: 'One', oneBehaviorEventRef: id }
    : { behavior: 'None', noneBehaviorEventRef: id };
}

function throwsXml(more: readonly string[]): string {
  const [, , id, condition] = thrownBy(more);
  if (id === undefined || condition === undefined) return '';
  const event = wrap('bpmn:event', { id: `throws-${id}` }, wrap('bpmn:eventDefinitionRef', {}, id));
  return wrap('bpmn:complexBehaviorDefinition', {}, formal('condition', condition) + event);
}

/** The definitions are named by what they throw: `Roots` has them. */
function thrownBy(more: readonly string[]): readonly (string | undefined)[] {
  const [, when, kind, code, condition] =
    /^(first|each) throws (signal|escalation|error) (\w+)(?: when (=.+))?$/.exec(
      more.find((part) => part.includes(' throws ')) ?? '',
    ) ?? [];
  return [undefined, when, kind === undefined ? undefined : `definition-${kind}-${code}`, condition];
}
