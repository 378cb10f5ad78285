import { attribute, formal, wrap } from './xml-text.ts';

/** The elements beside the processes that events refer to: messages, signals, errors, escalations. */
export class Roots {
  readonly #xml = new Map<string, string>();

  message(name: string): string {
    const subscription = '<zeebe:subscription correlationKey="=key"/>';
    return this.#add('message', name, { name }, wrap('bpmn:extensionElements', {}, subscription));
  }

  signal(name: string): string {
    return this.#add('signal', name, { name });
  }

  error(code: string): string {
    return this.#add('error', code, { errorCode: code });
  }

  escalation(code: string): string {
    return this.#add('escalation', code, { escalationCode: code });
  }

  /** An event definition beside the processes, for what a multi-instance throws. */
  definition(kind: string, code: string): void {
    const referred =
      kind === 'signal' ? this.signal(code) : kind === 'error' ? this.error(code) : this.escalation(code);
    const xml = wrap(`bpmn:${kind}EventDefinition`, { id: `definition-${kind}-${code}`, [`${kind}Ref`]: referred }, '');
    this.#xml.set(`definition-${kind}-${code}`, xml);
  }

  xml(): string {
    return [...this.#xml.values()].join('');
  }

  #add(kind: string, name: string, attributes: Readonly<Record<string, string>>, content = ''): string {
    const id = `${kind}-${name.replace(/\W/g, '_')}`;
    this.#xml.set(id, wrap(`bpmn:${kind}`, { id, ...attributes }, content));
    return id;
  }
}

const tags: Readonly<Record<string, string>> = {
  start: 'startEvent',
  end: 'endEvent',
  catch: 'intermediateCatchEvent',
  throw: 'intermediateThrowEvent',
  boundary: 'boundaryEvent',
};

/**
 * `start`, `catch timer duration PT1H`, `boundary of A, message news`, `start, signal alarm | lets on` (not interrupting).
 * Undefined when the kind is no event.
 */
export function eventXml(
  kind: string,
  rest: string,
  attributes: Readonly<Record<string, string>>,
  more: readonly string[],
  roots: Roots,
): string | undefined {
  const tag = tags[kind];
  if (tag === undefined) return undefined;
  const [, attachedTo, attached = ''] = /^of (\w+), (.+)$/.exec(kind === 'boundary' ? rest : '') ?? [];
  const trigger = attachedTo === undefined ? rest : attached;
  if (kind === 'boundary' && attachedTo === undefined)
    throw new Error(`expected "boundary of A, event", found "${rest}"`);
  const goesOn = more.includes('goes on') ? 'false' : undefined;
  const own = {
    ...attributes,
    ...(attachedTo === undefined ? undefined : { attachedToRef: attachedTo }),
    ...(goesOn === undefined ? undefined : { [kind === 'start' ? 'isInterrupting' : 'cancelActivity']: goesOn }),
  };
  const undoneBy = /^compensation by (\w+)$/.exec(trigger)?.[1];
  const association = { id: `${attributes['id']}-by`, sourceRef: attributes['id'] ?? '', targetRef: undoneBy ?? '' };
  const extensions = more.map(mappingOrAction).join('');
  const elements = extensions === '' ? '' : wrap('bpmn:extensionElements', {}, extensions);
  const [join, definitions] = undoneBy === undefined ? severalOf(trigger) : ['', ['compensation']];
  const event = wrap(
    `bpmn:${tag}`,
    {
      ...own,
      ...(join === 'and' && tag !== 'endEvent' && tag !== 'intermediateThrowEvent' ? { parallelMultiple: 'true' } : {}),
    },
    elements + definitions.map((definition) => definitionXml(definition, roots)).join(''),
  );
  return undoneBy === undefined ? event : event + wrap('bpmn:association', association, '');
}

/** `message a or timer duration PT1H`, `signal a and signal b`: the word between, and the definitions. */
function severalOf(trigger: string): readonly [join: string, definitions: readonly string[]] {
  const parts = trigger.split(
    / (or|and) (?=(?:message|signal|timer|condition|error|escalation|terminate|compensation)\b)/,
  );
  return [parts[1] ?? '', parts.filter((_, index) => index % 2 === 0)];
}

function mappingOrAction(part: string): string {
  const [word, first = '', second = ''] = part.split(' ');
  if (word === 'job') return `<zeebe:taskDefinition ${attribute({ type: first })}/>`;
  if (word === 'reply') return `<millrace:receive ${attribute({ topic: first, key: second })}/>`;
  const [, source, target = ''] = /^out (=.+) as ([\w.]+)$/.exec(part) ?? [];
  return source === undefined
    ? actionXml(part)
    : wrap('zeebe:ioMapping', {}, `<zeebe:output ${attribute({ source, target })}/>`);
}

/** `publish topic =payload`, `tell message =correlationKey timeToLive`. */
export function actionXml(part: string): string {
  const [word, rest] = split(part);
  const [first = '', second = '', third = ''] = rest.split(' ');
  if (word === 'publish') return `<millrace:publish ${attribute({ topic: first, payload: second })}/>`;
  if (word !== 'tell') return '';
  return `<millrace:message ${attribute({ name: first, correlationKey: second, timeToLive: third })}/>`;
}

/** The first word, and what follows it. */
export function split(text: string): [string, string] {
  const [, first = '', rest = ''] = /^(\S+)\s*(.*)$/.exec(text) ?? [];
  return [first, rest];
}

function definitionXml(trigger: string, roots: Roots): string {
  const [kind, rest] = split(trigger);
  const definition = (attributes: Readonly<Record<string, string>> = {}, content = ''): string =>
    wrap(`bpmn:${kind}EventDefinition`, attributes, content);
  switch (kind) {
    case '':
      return '';
    case 'message':
      return definition(rest === '' ? {} : { messageRef: roots.message(rest) });
    case 'signal':
      return definition({ signalRef: roots.signal(rest) });
    case 'error':
      return definition(rest === '' ? {} : { errorRef: roots.error(rest) });
    case 'escalation':
      return definition(rest === '' ? {} : { escalationRef: roots.escalation(rest) });
    case 'timer': {
      const [, timer = '', text = ''] = /^(date|duration|cycle) (.+)$/.exec(rest) ?? [];
      return definition({}, formal(`time${timer.charAt(0).toUpperCase()}${timer.slice(1)}`, text));
    }
    case 'condition':
      return wrap('bpmn:conditionalEventDefinition', {}, formal('condition', rest));
    case 'compensation': {
      const [, activity = '', isFree] = /^(?:of (\w+))?\s*(without waiting)?$/.exec(rest) ?? [];
      const attributes = { activityRef: activity, waitForCompletion: isFree === undefined ? '' : 'false' };
      return wrap('bpmn:compensateEventDefinition', attributes, '');
    }
    case 'link':
      return definition({ name: rest });
    case 'terminate':
    case 'cancel':
      return definition();
    default:
      throw new Error(`expected a kind of event, found "${kind}"`);
  }
}
