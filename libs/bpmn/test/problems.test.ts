import { describe, expect, it } from 'vitest';
import { MODEL_LENGTH_MAX } from '../src/index.ts';
import { around, definitions, extended, flow, model, paidMessage, problemsOf } from './fixtures.ts';

const service = (content: string): string =>
  around('e', `<bpmn:serviceTask id="e" name="Check">${extended(content)}</bpmn:serviceTask>`);
const boundary = (content: string, attributes = 'attachedToRef="a"', rootElements = ''): string =>
  model(
    `<bpmn:startEvent id="s"/><bpmn:userTask id="a"/><bpmn:boundaryEvent id="e" ${attributes}>${content}</bpmn:boundaryEvent>${flow('f', 's', 'a')}`,
    rootElements,
  );
const timer = (property: string, body: string): string =>
  `<bpmn:timerEventDefinition><bpmn:${property}>${body}</bpmn:${property}></bpmn:timerEventDefinition>`;
const throwLink = (id: string, name: string): string =>
  `<bpmn:intermediateThrowEvent id="${id}"><bpmn:linkEventDefinition name="${name}"/></bpmn:intermediateThrowEvent>`;
const catchLink = (id: string, name: string): string =>
  `<bpmn:intermediateCatchEvent id="${id}"><bpmn:linkEventDefinition name="${name}"/></bpmn:intermediateCatchEvent>`;
const later = (id: string): string =>
  `<bpmn:intermediateCatchEvent id="${id}">${timer('timeDuration', 'PT1S')}</bpmn:intermediateCatchEvent>`;
const looped = (loop: string): string => around('e', `<bpmn:userTask id="e">${loop}</bpmn:userTask>`);
const multi = (zeebe: string, content = ''): string =>
  `<bpmn:multiInstanceLoopCharacteristics>${extended(`<zeebe:loopCharacteristics ${zeebe}/>`)}${content}</bpmn:multiInstanceLoopCharacteristics>`;
const eventGateway = (target: string, more = '', attributes = ''): string =>
  model(
    `<bpmn:startEvent id="s"/><bpmn:eventBasedGateway id="x" ${attributes}/>${later('a')}${target}${flow('f1', 's', 'x')}${flow('f2', 'x', 'a')}${flow('f3', 'x', 'e')}${more}`,
    paidMessage,
  );
const job = '<zeebe:taskDefinition type="t"/>';

/** A sub-process `sub` behind the start. */
const sub = (content: string, beside = ''): string =>
  model(
    `<bpmn:startEvent id="s"/><bpmn:subProcess id="sub" name="Part">${content}</bpmn:subProcess>${flow('f', 's', 'sub')}${beside}`,
  );

/** What is wrong, whom it is told about, by which rule, and words of the message. */
const cases: readonly (readonly [
  what: string,
  xml: string,
  elementId: string | undefined,
  rule: string,
  words: string,
])[] = [
  [
    'text that is not XML',
    'hello',
    undefined,
    'xml',
    'expected BPMN 2.0 as XML: missing start tag at line 1, column 1',
  ],
  ['nothing', '', undefined, 'xml', 'missing start tag'],
  [
    'XML cut off',
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL">',
    undefined,
    'xml',
    'unexpected end of file',
  ],
  ['XML of another kind', '<html><body/></html>', undefined, 'xml', 'unexpected element <html>'],
  [
    'a DOCTYPE',
    `<?xml version="1.0"?><!-- > --><!DOCTYPE x [<!ENTITY a "b">]>${definitions('')}`,
    undefined,
    'document-type',
    'entities',
  ],
  ['too much', definitions(' '.repeat(MODEL_LENGTH_MAX)), undefined, 'too-large', 'expected at most'],
  [
    'an expiry that is no duration',
    model(`${extended('<millrace:expiry after="=hours"/>')}<bpmn:startEvent id="s"/>`),
    'p',
    'timer',
    'millrace:expiry',
  ],
  ['no process', definitions(''), undefined, 'no-executable-process', 'isExecutable="true"'],
  [
    'an unknown element',
    model('<bpmn:startEvent id="s"/><bpmn:magicTask id="e"/>'),
    undefined,
    'unknown-content',
    'MagicTask',
  ],
  ['no start event', model('<bpmn:task id="a"/>'), 'p', 'start-event', 'to have a start event'],
  ['two none starts', model('<bpmn:startEvent id="a"/><bpmn:startEvent id="e"/>'), 'e', 'start-event', 'found another'],
  ['an id twice', model('<bpmn:startEvent id="e"/><bpmn:task id="e"/>'), 'e', 'id', 'every id once'],
  [
    'an element without an id',
    model('<bpmn:startEvent id="s"/><bpmn:task name="Nameless"/>'),
    undefined,
    'id',
    'found a task "Nameless" without',
  ],
  ['an id that objects inherit', model('<bpmn:startEvent id="constructor"/>'), 'constructor', 'id', 'reserved'],
  [
    'a flow to nowhere',
    model(`<bpmn:startEvent id="s"/>${flow('e', 's', 'gone')}`),
    'e',
    'reference',
    '"gone", the targetRef of sequence flow "e"',
  ],
  [
    'a flow without a target',
    model('<bpmn:startEvent id="s"/><bpmn:sequenceFlow id="e" sourceRef="s"/>'),
    'e',
    'reference',
    'to have a targetRef',
  ],
  [
    'a flow into a start',
    model(`<bpmn:startEvent id="e"/><bpmn:task id="a"/>${flow('f', 'e', 'a')}${flow('g', 'a', 'e')}`),
    'e',
    'flow',
    'no sequence flow into',
  ],
  [
    'a flow out of an end',
    model(
      `<bpmn:startEvent id="s"/><bpmn:endEvent id="e"/><bpmn:task id="a"/>${flow('f', 's', 'e')}${flow('g', 'e', 'a')}`,
    ),
    'e',
    'flow',
    'out of the end event',
  ],
  [
    'a message that is not there',
    around('e', '<bpmn:receiveTask id="e" messageRef="gone"/>'),
    'e',
    'reference',
    '"gone", the messageRef of receive task "e"',
  ],
  [
    'a message definition whose message is not there',
    boundary('<bpmn:messageEventDefinition id="d" messageRef="gone"/>'),
    'e',
    'reference',
    '"gone"',
  ],
  [
    'a receive task without a message',
    around('e', '<bpmn:receiveTask id="e"/>'),
    'e',
    'message',
    'to refer to a message',
  ],
  [
    'a message without a correlation key',
    around('e', '<bpmn:receiveTask id="e" messageRef="m"/>', '<bpmn:message id="m" name="x"/>'),
    'e',
    'message',
    'correlationKey',
  ],
  [
    'a message without a name',
    around('e', '<bpmn:receiveTask id="e" messageRef="m"/>', paidMessage.replace('name="paid"', '')),
    'e',
    'message',
    'to have a name',
  ],
  [
    'a message event without a message',
    boundary('<bpmn:messageEventDefinition/>'),
    'e',
    'message',
    'to refer to a message',
  ],
  [
    'a catch event without a definition',
    around('e', '<bpmn:intermediateCatchEvent id="e"/>'),
    'e',
    'event-definition',
    'a message, a timer, or a topic',
  ],
  [
    'a boundary event without a definition',
    boundary(''),
    'e',
    'event-definition',
    'message, timer, signal, conditional, error or escalation',
  ],
  [
    'a boundary event attached to nothing',
    boundary(timer('timeDuration', 'PT1S'), ''),
    'e',
    'boundary',
    'attached to an activity',
  ],
  [
    'a boundary event attached to what is not there',
    boundary(timer('timeDuration', 'PT1S'), 'attachedToRef="gone"'),
    'e',
    'reference',
    '"gone", the attachedToRef',
  ],
  [
    'a boundary event attached to an event',
    boundary(timer('timeDuration', 'PT1S'), 'attachedToRef="s"'),
    'e',
    'boundary',
    'found "s"',
  ],
  [
    'a non-interrupting error',
    boundary('<bpmn:errorEventDefinition/>', 'attachedToRef="a" cancelActivity="false"'),
    'e',
    'boundary',
    'interrupting',
  ],
  [
    'an error without a code',
    boundary('<bpmn:errorEventDefinition errorRef="err"/>', undefined, '<bpmn:error id="err"/>'),
    'e',
    'error-code',
    'error code',
  ],
  [
    'an error end without an error',
    around('e', '').replace(
      '<bpmn:endEvent id="end"/>',
      '<bpmn:task id="e"/><bpmn:endEvent id="end"><bpmn:errorEventDefinition/></bpmn:endEvent>',
    ),
    'end',
    'error-code',
    'to refer to an error',
  ],
  [
    'a timer that says nothing',
    boundary('<bpmn:timerEventDefinition/>'),
    'e',
    'timer',
    'one of timeDate, timeDuration and timeCycle',
  ],
  ['a timer that is none', boundary(timer('timeDuration', 'soon')), 'e', 'timer', 'expected a duration, found "soon"'],
  ['a cycle that interrupts', boundary(timer('timeCycle', 'R3/PT1S')), 'e', 'timer', 'found a cycle'],
  ['a timer whose FEEL is wrong', boundary(timer('timeDuration', '= a !')), 'e', 'expression', 'wrong syntax in "a !"'],
  ['a service task without a job', around('e', '<bpmn:serviceTask id="e"/>'), 'e', 'job', 'zeebe:taskDefinition'],
  ['a job without a type', service('<zeebe:taskDefinition type=" "/>'), 'e', 'job', 'to have a type'],
  [
    'retries that are no number',
    service('<zeebe:taskDefinition type="t" retries="many"/>'),
    'e',
    'job',
    'found "many"',
  ],
  [
    'a job timeout that is no duration',
    service(`${job}<millrace:job timeout="late"/>`),
    'e',
    'job',
    'timeout: expected a duration',
  ],
  [
    'a mapping without a source',
    service(`${job}<zeebe:ioMapping><zeebe:input target="a"/></zeebe:ioMapping>`),
    'e',
    'mapping',
    'a source',
  ],
  [
    'a mapping to what is no name',
    service(`${job}<zeebe:ioMapping><zeebe:output source="=a" target="a b"/></zeebe:ioMapping>`),
    'e',
    'mapping',
    'found "a b"',
  ],
  [
    'a mapping whose FEEL is wrong',
    service(`${job}<zeebe:ioMapping><zeebe:input source="=a!" target="a"/></zeebe:ioMapping>`),
    'e',
    'expression',
    'service task "Check": wrong syntax in "a!"',
  ],
  ['a send task that sends nothing', around('e', '<bpmn:sendTask id="e"/>'), 'e', 'job', 'millrace:publish'],
  [
    'a send task that does two things',
    around('e', `<bpmn:sendTask id="e">${extended(`${job}<millrace:publish topic="t"/>`)}</bpmn:sendTask>`),
    'e',
    'publish',
    'found 2 of them',
  ],
  [
    'a message end that sends nothing',
    model(
      `<bpmn:startEvent id="s"/><bpmn:endEvent id="e"><bpmn:messageEventDefinition/></bpmn:endEvent>${flow('f', 's', 'e')}`,
    ),
    'e',
    'message',
    'how its message is sent',
  ],
  [
    'a topic that Kafka cannot have',
    around('e', `<bpmn:sendTask id="e">${extended('<millrace:publish topic="a b"/>')}</bpmn:sendTask>`),
    'e',
    'publish',
    'found "a b"',
  ],
  [
    'a receive without a key',
    around(
      'e',
      `<bpmn:receiveTask id="e">${extended('<millrace:receive topic="engine.receive.x"/>')}</bpmn:receiveTask>`,
    ),
    'e',
    'receive',
    'variable name',
  ],
  [
    'a script in another language',
    around('e', '<bpmn:scriptTask id="e" scriptFormat="js"><bpmn:script>1</bpmn:script></bpmn:scriptTask>'),
    'e',
    'script',
    'zeebe:script',
  ],
  [
    'a script without a result variable',
    around('e', `<bpmn:scriptTask id="e">${extended('<zeebe:script expression="=1"/>')}</bpmn:scriptTask>`),
    'e',
    'script',
    'resultVariable',
  ],
  [
    'a condition that is not FEEL',
    model(
      `<bpmn:startEvent id="s"/><bpmn:exclusiveGateway id="x"/>${flow('f', 's', 'x')}${flow('e', 'x', 'x', '${a}')}`,
    ),
    'e',
    'condition',
    'starts with "="',
  ],
  [
    'a condition out of an event',
    model(`<bpmn:startEvent id="s"/><bpmn:task id="a"/>${flow('e', 's', 'a', '=b')}`),
    'e',
    'condition',
    'only flows out of activities, exclusive, inclusive and complex gateways',
  ],
  [
    'a condition out of a parallel gateway',
    model(`<bpmn:startEvent id="s"/><bpmn:parallelGateway id="a"/>${flow('f', 's', 'a')}${flow('e', 'a', 'a', '=b')}`),
    'e',
    'condition',
    'found it at "a"',
  ],
  [
    'a multi-instance that throws nothing by name',
    around(
      'e',
      '<bpmn:userTask id="e"><bpmn:multiInstanceLoopCharacteristics behavior="One"><bpmn:loopCardinality>3</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics></bpmn:userTask>',
    ),
    'e',
    'loop',
    'to name the event definition that it throws, by oneBehaviorEventRef',
  ],
  [
    'an ad-hoc sub-process that a job and a condition direct',
    around(
      'e',
      `<bpmn:adHocSubProcess id="e">${extended('<zeebe:taskDefinition type="agent"/>')}<bpmn:task id="a"/><bpmn:completionCondition>=x</bpmn:completionCondition></bpmn:adHocSubProcess>`,
    ),
    'e',
    'job',
    'to have no activeElementsCollection and no completionCondition',
  ],
  [
    'an ad-hoc sub-process that collects nothing',
    around(
      'e',
      `<bpmn:adHocSubProcess id="e">${extended('<zeebe:adHoc outputCollection="xs"/>')}<bpmn:task id="a"/></bpmn:adHocSubProcess>`,
    ),
    'e',
    'mapping',
    'both an outputCollection and an outputElement',
  ],
  [
    'a parallel multiple start event of a process',
    model(
      '<bpmn:startEvent id="e" parallelMultiple="true"><bpmn:conditionalEventDefinition/><bpmn:signalEventDefinition/></bpmn:startEvent>',
    ),
    'e',
    'not-supported',
    'a parallel multiple start event of a process is not supported',
  ],
  [
    'an error among what a boundary event waits for together',
    model(
      `<bpmn:startEvent id="s"/><bpmn:task id="a"/><bpmn:boundaryEvent id="e" attachedToRef="a" parallelMultiple="true"><bpmn:errorEventDefinition/>${timer('timeDuration', 'PT1H')}</bpmn:boundaryEvent>${flow('f', 's', 'a')}`,
    ),
    'e',
    'not-supported',
    'a parallel multiple event with an error event definition',
  ],
  [
    'a complex gateway that joins without saying when',
    model(`<bpmn:startEvent id="s"/><bpmn:complexGateway id="e"/>${flow('f', 's', 'e')}${flow('g', 's', 'e')}`),
    'e',
    'gateway',
    'which joins 2 flows, to have an activationCondition',
  ],
  [
    'an inclusive flow that lacks a condition',
    model(
      `<bpmn:startEvent id="s"/><bpmn:inclusiveGateway id="x"/><bpmn:task id="a"/>${flow('f', 's', 'x')}${flow('e', 'x', 'a')}${flow('g', 'x', 'a', '=b')}`,
    ),
    'e',
    'condition',
    'out of the inclusive gateway "x"',
  ],
  [
    'a link thrown to nobody',
    model(`<bpmn:startEvent id="s"/>${throwLink('e', 'L')}${flow('f', 's', 'e')}`),
    'e',
    'link',
    'a link catch event with the name "L"',
  ],
  [
    'a link caught twice',
    model(
      `<bpmn:startEvent id="s"/>${throwLink('a', 'L')}${catchLink('b', 'L')}${catchLink('e', 'L')}${flow('f', 's', 'a')}`,
    ),
    'e',
    'link',
    'one link catch event with the name "L"',
  ],
  [
    'a link without a name',
    around('e', '<bpmn:intermediateCatchEvent id="e"><bpmn:linkEventDefinition/></bpmn:intermediateCatchEvent>'),
    'e',
    'link',
    'to have a name',
  ],
  [
    'an event-based gateway with one event',
    model(`<bpmn:startEvent id="s"/><bpmn:eventBasedGateway id="e"/>${flow('f', 's', 'e')}`),
    'e',
    'gateway',
    'two outgoing flows or more, found 0',
  ],
  ['an event-based gateway that leads to a task', eventGateway('<bpmn:task id="e"/>'), 'e', 'gateway', 'found a task'],
  [
    'an event behind a gateway with another way to it',
    eventGateway(later('e'), flow('h', 'a', 'e')),
    'e',
    'gateway',
    'no other incoming flow',
  ],
  [
    'a receive task behind a gateway with a boundary event',
    eventGateway(
      `<bpmn:receiveTask id="e" messageRef="m"/><bpmn:boundaryEvent id="b" attachedToRef="e">${timer('timeDuration', 'PT1S')}</bpmn:boundaryEvent>`,
    ),
    'e',
    'gateway',
    'no boundary events',
  ],
  [
    'a parallel event-based gateway in the middle',
    eventGateway(later('b'), '', 'eventGatewayType="Parallel"').replaceAll('"e"', '"b"').replaceAll('"x"', '"e"'),
    'e',
    'gateway',
    'only to start a process',
  ],
  [
    'a process that a timer behind a gateway should start',
    model(
      `<bpmn:eventBasedGateway id="x" instantiate="true"/>${later('e')}<bpmn:receiveTask id="a" messageRef="m"/>${flow('f', 'x', 'a')}${flow('g', 'x', 'e')}`,
      paidMessage,
    ),
    'e',
    'start-event',
    'a message whose name is a constant',
  ],
  [
    'a flow into a receive task that starts the process',
    model(
      `<bpmn:startEvent id="s"/><bpmn:receiveTask id="e" instantiate="true" messageRef="m"/>${flow('f', 's', 'e')}`,
      paidMessage,
    ),
    'e',
    'flow',
    'no sequence flow into',
  ],
  [
    'a gateway flow that lacks a condition',
    model(
      `<bpmn:startEvent id="s"/><bpmn:exclusiveGateway id="x"/><bpmn:task id="a"/>${flow('f', 's', 'x')}${flow('e', 'x', 'a')}${flow('g', 'x', 'a', '=b')}`,
    ),
    'e',
    'condition',
    'or to be its default flow',
  ],
  [
    'a default flow with a condition',
    model(
      `<bpmn:startEvent id="s"/><bpmn:exclusiveGateway id="x" default="e"/><bpmn:task id="a"/>${flow('f', 's', 'x')}${flow('e', 'x', 'a', '=b')}`,
    ),
    'e',
    'condition',
    'no condition',
  ],
  [
    'a default flow of another element',
    model(`<bpmn:startEvent id="s"/><bpmn:exclusiveGateway id="e" default="f"/>${flow('f', 's', 'e')}`),
    'e',
    'flow',
    'found "f"',
  ],
  [
    'a duration at a start',
    model(`<bpmn:startEvent id="e">${timer('timeDuration', 'PT1S')}</bpmn:startEvent>`),
    'e',
    'timer',
    'a date or a cycle',
  ],
  ['a loop that nothing ends', looped('<bpmn:standardLoopCharacteristics/>'), 'e', 'loop', 'it would never end'],
  [
    'a loop whose maximum is none',
    looped('<bpmn:standardLoopCharacteristics loopMaximum="0"/>'),
    'e',
    'loop',
    'from 1 to 1000000, found 0',
  ],
  [
    'a loop condition that is not FEEL',
    looped(
      '<bpmn:standardLoopCharacteristics><bpmn:loopCondition>x</bpmn:loopCondition></bpmn:standardLoopCharacteristics>',
    ),
    'e',
    'loop',
    'starts with "=", found "x"',
  ],
  ['a multi-instance over nothing', looped(multi('')), 'e', 'loop', 'found neither'],
  [
    'a multi-instance over two things',
    looped(multi('inputCollection="=a"', '<bpmn:loopCardinality>3</bpmn:loopCardinality>')),
    'e',
    'loop',
    'found both',
  ],
  [
    'a cardinality that is no number',
    looped(multi('', '<bpmn:loopCardinality>many</bpmn:loopCardinality>')),
    'e',
    'loop',
    'found "many"',
  ],
  [
    'an item without a collection',
    looped(multi('inputElement="a"', '<bpmn:loopCardinality>3</bpmn:loopCardinality>')),
    'e',
    'loop',
    'an inputCollection for its inputElement',
  ],
  [
    'results without a collection',
    looped(multi('inputCollection="=a" outputElement="=b"')),
    'e',
    'loop',
    'both an outputCollection and an outputElement',
  ],
  [
    'an item that is no variable',
    looped(multi('inputCollection="=a" inputElement="a b"')),
    'e',
    'loop',
    'to be a variable name, found "a b"',
  ],
  [
    'a completion condition whose FEEL is wrong',
    looped(multi('inputCollection="=a"', '<bpmn:completionCondition>=a!</bpmn:completionCondition>')),
    'e',
    'expression',
    'wrong syntax in "a!"',
  ],
  [
    'a receive task that starts the process in a loop',
    model(
      `<bpmn:receiveTask id="e" instantiate="true" messageRef="m"><bpmn:standardLoopCharacteristics loopMaximum="2"/></bpmn:receiveTask>`,
      paidMessage,
    ),
    'e',
    'loop',
    'not to be a loop',
  ],
  [
    'a conditional event without a condition',
    boundary('<bpmn:conditionalEventDefinition/>'),
    'e',
    'condition',
    'starts with "=", found ""',
  ],
  [
    'a conditional event whose FEEL is wrong',
    boundary('<bpmn:conditionalEventDefinition><bpmn:condition>=a!</bpmn:condition></bpmn:conditionalEventDefinition>'),
    'e',
    'expression',
    'wrong syntax in "a!"',
  ],
  [
    'a conditional event that hears of something else than new and changed variables',
    boundary(
      `<bpmn:conditionalEventDefinition>${extended('<zeebe:conditionalFilter variableEvents="create, delete"/>')}<bpmn:condition>=a</bpmn:condition></bpmn:conditionalEventDefinition>`,
    ),
    'e',
    'condition',
    'to be create, update or both, found "create, delete"',
  ],
  [
    'a conditional start event of a process that hears of changed variables alone',
    model(
      `<bpmn:startEvent id="e"><bpmn:conditionalEventDefinition>${extended('<zeebe:conditionalFilter variableEvents="update"/>')}<bpmn:condition>=a</bpmn:condition></bpmn:conditionalEventDefinition></bpmn:startEvent>`,
    ),
    'e',
    'condition',
    'not to wait for updates alone',
  ],
  [
    'a business rule task without a decision',
    around('e', '<bpmn:businessRuleTask id="e"/>'),
    'e',
    'decision',
    'zeebe:calledDecision',
  ],
  [
    'a decision without a result variable',
    around(
      'e',
      `<bpmn:businessRuleTask id="e">${extended('<zeebe:calledDecision decisionId="d"/>')}</bpmn:businessRuleTask>`,
    ),
    'e',
    'decision',
    'to name its resultVariable',
  ],
  ...(
    [
      [
        'a listener without a type',
        '<bpmn:task id="e">',
        '<zeebe:executionListener eventType="start"/>',
        'to have a type in its zeebe:ExecutionListener',
      ],
      [
        'a listener of an event that there is not',
        '<bpmn:task id="e">',
        '<zeebe:executionListener eventType="cancel" type="a"/>',
        'to be one of beforeAll, start, end, found "cancel"',
      ],
      [
        'a listener twice',
        '<bpmn:task id="e">',
        '<zeebe:executionListener eventType="end" type="a"/><zeebe:executionListener eventType="start" type="a"/><zeebe:executionListener eventType="end" type="a"/>',
        'to have each listener once, found two: end a',
      ],
      [
        'a listener whose retries are no number',
        '<bpmn:task id="e">',
        '<zeebe:executionListener eventType="end" type="a" retries="many"/>',
        'to be a whole number, found "many"',
      ],
      [
        'a listener before all times of what is done once',
        '<bpmn:task id="e">',
        '<zeebe:executionListener eventType="beforeAll" type="a"/>',
        'no beforeAll listeners: it is done once',
      ],
      [
        'a listener at the end of a gateway',
        '<bpmn:exclusiveGateway id="e">',
        '<zeebe:executionListener eventType="end" type="a"/>',
        'put start listeners on the elements behind it',
      ],
      [
        'a listener of a complex gateway',
        '<bpmn:complexGateway id="e">',
        '<zeebe:executionListener eventType="start" type="a"/>',
        'put them on the elements around it',
      ],
    ] as const
  ).map(([name, opening, listeners, words]) => {
    const closing = opening.replace(/^<(\S+) .*$/, '</$1>');
    const xml = `${opening}${extended(`<zeebe:executionListeners>${listeners}</zeebe:executionListeners>`)}${closing}`;
    const rule = name.includes('retries') ? 'job' : 'listener';
    return [name, around('e', xml), 'e', rule, words] as const;
  }),
  [
    'a listener at the start of a start event',
    model(
      `<bpmn:startEvent id="e">${extended('<zeebe:executionListeners><zeebe:executionListener eventType="start" type="a"/></zeebe:executionListeners>')}</bpmn:startEvent>`,
    ),
    'e',
    'listener',
    'put them on the process or the sub-process that it starts',
  ],
  [
    'a listener of a task on an event that there is not',
    around(
      'e',
      `<bpmn:userTask id="e">${extended('<zeebe:userTask/><zeebe:taskListeners><zeebe:taskListener eventType="created" type="a"/></zeebe:taskListeners>')}</bpmn:userTask>`,
    ),
    'e',
    'listener',
    'to be one of creating, assigning, updating, completing, canceling, found "created"',
  ],
  [
    'a decision bound by a version tag that is not named',
    around(
      'e',
      `<bpmn:businessRuleTask id="e">${extended('<zeebe:calledDecision decisionId="d" resultVariable="r" bindingType="versionTag"/>')}</bpmn:businessRuleTask>`,
    ),
    'e',
    'decision',
    'to name the versionTag',
  ],
  [
    'a form bound by something else than a version',
    around(
      'e',
      `<bpmn:userTask id="e">${extended('<zeebe:userTask/><zeebe:formDefinition formId="f" bindingType="newest"/>')}</bpmn:userTask>`,
    ),
    'e',
    'form',
    'latest, deployment or versionTag, found "newest"',
  ],
  [
    'a decision bound by deployment whose id is computed',
    around(
      'e',
      `<bpmn:businessRuleTask id="e">${extended('<zeebe:calledDecision decisionId="=d" resultVariable="r" bindingType="deployment"/>')}</bpmn:businessRuleTask>`,
    ),
    'e',
    'decision',
    'a constant decisionId',
  ],
  [
    'a message to throw without a name',
    around('e', `<bpmn:sendTask id="e">${extended('<millrace:message correlationKey="k"/>')}</bpmn:sendTask>`),
    'e',
    'message',
    'to have a name',
  ],
  [
    'a message to throw whose time to live is none',
    around('e', `<bpmn:sendTask id="e">${extended('<millrace:message name="m" timeToLive="long"/>')}</bpmn:sendTask>`),
    'e',
    'message',
    'timeToLive: expected a duration',
  ],
  [
    'a signal that is not there',
    boundary('<bpmn:signalEventDefinition signalRef="gone"/>'),
    'e',
    'reference',
    '"gone", the signalRef',
  ],
  ['an event without a signal', boundary('<bpmn:signalEventDefinition/>'), 'e', 'signal', 'to refer to a signal'],
  [
    'a signal without a name',
    boundary('<bpmn:signalEventDefinition signalRef="sig"/>', undefined, '<bpmn:signal id="sig"/>'),
    'e',
    'signal',
    'with a name',
  ],
  [
    'a compensation event without a handler',
    model(
      `<bpmn:startEvent id="s"/><bpmn:task id="a"/><bpmn:boundaryEvent id="e" attachedToRef="a"><bpmn:compensateEventDefinition/></bpmn:boundaryEvent>${flow('f', 's', 'a')}`,
    ),
    'e',
    'compensation',
    'found none',
  ],
  [
    'a compensation event whose handler is not for compensation',
    model(
      `<bpmn:startEvent id="s"/><bpmn:task id="a"/><bpmn:task id="h"/><bpmn:boundaryEvent id="e" attachedToRef="a"><bpmn:compensateEventDefinition/></bpmn:boundaryEvent>${flow('f', 's', 'a')}<bpmn:association id="x" sourceRef="e" targetRef="h"/>`,
    ),
    'e',
    'compensation',
    'found "h"',
  ],
  [
    'a flow to an activity that is for compensation',
    around('e', '<bpmn:task id="e" isForCompensation="true"/>'),
    'e',
    'flow',
    'which is for compensation',
  ],
  [
    'compensation of an activity elsewhere',
    sub(
      `<bpmn:startEvent id="a"/><bpmn:endEvent id="e"><bpmn:compensateEventDefinition activityRef="far"/></bpmn:endEvent>`,
      '<bpmn:task id="far"/>',
    ),
    'e',
    'compensation',
    'found "far"',
  ],
  [
    'compensation of a process',
    model(
      `<bpmn:startEvent id="s"/><bpmn:subProcess id="p1" triggeredByEvent="true"><bpmn:startEvent id="e"><bpmn:compensateEventDefinition/></bpmn:startEvent></bpmn:subProcess>`,
    ),
    'e',
    'compensation',
    'a process cannot be compensated',
  ],
  [
    'a cancel end event outside of a transaction',
    sub('<bpmn:startEvent id="a"/><bpmn:endEvent id="e"><bpmn:cancelEventDefinition/></bpmn:endEvent>'),
    'e',
    'cancel',
    'to be in a transaction',
  ],
  [
    'a cancel boundary event of something else',
    boundary('<bpmn:cancelEventDefinition/>'),
    'e',
    'cancel',
    'to be attached to a transaction',
  ],
  [
    'a transaction that is cancelled without a cancel event',
    around(
      'e',
      '<bpmn:transaction id="e"><bpmn:startEvent id="a"/><bpmn:endEvent id="b"><bpmn:cancelEventDefinition/></bpmn:endEvent></bpmn:transaction>',
    ),
    'e',
    'cancel',
    'to have a cancel boundary event',
  ],
  [
    'an ad-hoc sub-process with a start event',
    around('sub', '<bpmn:adHocSubProcess id="sub"><bpmn:startEvent id="e"/><bpmn:task id="a"/></bpmn:adHocSubProcess>'),
    'e',
    'start-event',
    'to have no start and end events',
  ],
  [
    'an ad-hoc sub-process with nothing in it',
    around('e', '<bpmn:adHocSubProcess id="e"/>'),
    'e',
    'start-event',
    'to have an activity',
  ],
  ['a call of nothing', around('e', '<bpmn:callActivity id="e"/>'), 'e', 'call', 'the processId of what it calls'],
  [
    'a call bound to a version tag without one',
    around(
      'e',
      `<bpmn:callActivity id="e">${extended('<zeebe:calledElement processId="x" bindingType="versionTag"/>')}</bpmn:callActivity>`,
    ),
    'e',
    'call',
    'to name the versionTag',
  ],
  [
    'a call bound to something else',
    around(
      'e',
      `<bpmn:callActivity id="e">${extended('<zeebe:calledElement processId="x" bindingType="newest"/>')}</bpmn:callActivity>`,
    ),
    'e',
    'call',
    'found "newest"',
  ],
  [
    'two event sub-processes for the same error',
    model(
      `<bpmn:startEvent id="s"/>${['a', 'e'].map((id) => `<bpmn:subProcess id="p-${id}" triggeredByEvent="true"><bpmn:startEvent id="${id}"><bpmn:errorEventDefinition/></bpmn:startEvent></bpmn:subProcess>`).join('')}`,
    ),
    'e',
    'start-event',
    'catch every error, found another',
  ],
  [
    'an event sub-process that nothing starts',
    model(
      `<bpmn:startEvent id="s"/><bpmn:subProcess id="p1" triggeredByEvent="true"><bpmn:startEvent id="e"/></bpmn:subProcess>`,
    ),
    'e',
    'event-definition',
    'to be a message, timer',
  ],
  [
    'a flow to an event sub-process',
    model(
      `<bpmn:startEvent id="s"/><bpmn:subProcess id="e" triggeredByEvent="true"><bpmn:startEvent id="a"><bpmn:errorEventDefinition/></bpmn:startEvent></bpmn:subProcess>${flow('f', 's', 'e')}`,
    ),
    'e',
    'flow',
    'into or out of the event sub-process',
  ],
  ['a sub-process without a start event', sub('<bpmn:task id="a"/>'), 'sub', 'start-event', 'to have a start event'],
  [
    'a sub-process with two start events',
    sub('<bpmn:startEvent id="a"/><bpmn:startEvent id="e"/>'),
    'e',
    'start-event',
    'sub-process "Part" to have one start event',
  ],
  [
    'a sub-process that a time starts',
    sub(`<bpmn:startEvent id="e">${timer('timeCycle', 'R/PT1H')}</bpmn:startEvent>`),
    'e',
    'start-event',
    'to start nothing',
  ],
  [
    'a flow over the border of a sub-process',
    sub('<bpmn:startEvent id="a"/><bpmn:task id="b"/>', `<bpmn:task id="c"/>${flow('e', 'b', 'c')}`),
    'e',
    'flow',
    'to stay in one sub-process',
  ],
  [
    'a boundary event inside the activity that it is attached to',
    sub(
      `<bpmn:startEvent id="a"/><bpmn:boundaryEvent id="e" attachedToRef="sub"><bpmn:errorEventDefinition/></bpmn:boundaryEvent>`,
    ),
    'e',
    'boundary',
    'beside it',
  ],
  [
    'sub-processes nested without end',
    model(
      `<bpmn:startEvent id="s"/>${Array.from({ length: 60 }, (_, at) => `<bpmn:subProcess id="e${at}"><bpmn:startEvent id="s${at}"/>`).join('')}${'</bpmn:subProcess>'.repeat(60)}`,
    ),
    'e50',
    'too-large',
    'nested at most 50 deep',
  ],
];

const notSupported: readonly (readonly [element: string, words: string])[] = [
  ['<bpmn:choreographyTask id="e"/>', 'choreography task "e": this kind of element is not supported yet'],
  [
    '<bpmn:userTask id="e"><bpmn:multiInstanceLoopCharacteristics behavior="Complex"><bpmn:loopCardinality>3</bpmn:loopCardinality><bpmn:complexBehaviorDefinition><bpmn:condition>=true</bpmn:condition><bpmn:event><bpmn:compensateEventDefinition/></bpmn:event></bpmn:complexBehaviorDefinition></bpmn:multiInstanceLoopCharacteristics></bpmn:userTask>',
    'that throws a compensate event is not supported',
  ],
  [
    `<bpmn:serviceTask id="e">${extended('<zeebe:taskDefinition type="t"/><zeebe:linkedResources/>')}</bpmn:serviceTask>`,
    'zeebe:linkedResources is not supported',
  ],
  [
    '<bpmn:intermediateCatchEvent id="e" parallelMultiple="true"><bpmn:linkEventDefinition name="a"/><bpmn:conditionalEventDefinition><bpmn:condition>=a</bpmn:condition></bpmn:conditionalEventDefinition></bpmn:intermediateCatchEvent>',
    'a parallel multiple event with a link event definition',
  ],
  [
    '<bpmn:intermediateThrowEvent id="e"><bpmn:compensateEventDefinition/><bpmn:compensateEventDefinition/></bpmn:intermediateThrowEvent>',
    'one thing at most that ends something or is waited for, found compensate, compensate',
  ],
  [
    '<bpmn:intermediateThrowEvent id="e"><bpmn:messageEventDefinition/><bpmn:messageEventDefinition/></bpmn:intermediateThrowEvent>',
    'several message event definitions on one throwing event',
  ],
];

describe('readModel tells what is wrong', () => {
  it.for(cases)('%s', async ([, xml, elementId, rule, words]) => {
    const errors = (await problemsOf(xml)).filter(({ severity }) => severity === 'error');
    expect(errors).toEqual([
      {
        ...(elementId === undefined ? {} : { elementId }),
        rule,
        severity: 'error',
        message: expect.stringContaining(words),
      },
    ]);
  });

  it.for(notSupported)('refuses %s', async ([element, words]) => {
    expect(await problemsOf(around('e', element))).toMatchObject([
      { elementId: 'e', rule: 'not-supported', severity: 'error', message: expect.stringContaining(words) },
    ]);
  });

  it('all at once', async () => {
    const xml = model(
      `<bpmn:startEvent id="s"/><bpmn:serviceTask id="a"/><bpmn:choreographyTask id="b"/><bpmn:receiveTask id="c"/>${flow('f', 's', 'gone')}`,
    );
    expect((await problemsOf(xml)).map(({ elementId }) => elementId)).toEqual(['f', 'a', 'b', 'c']);
  });

  it('does not expand entities, and is not slowed by hostile prologs', async () => {
    const xml = `${'<!-- x -->'.repeat(20_000)}<nope/>`;
    expect(await problemsOf(xml)).toMatchObject([{ rule: 'xml' }]);
    const lol = around('e', '<bpmn:task id="e" name="&lol;&#65;"/>');
    expect(await problemsOf(lol)).toEqual([]);
  });

  it('refuses the same catch twice on one activity', async () => {
    const twice = ['e1', 'e2'].map(
      (id) => `<bpmn:boundaryEvent id="${id}" attachedToRef="a"><bpmn:errorEventDefinition/></bpmn:boundaryEvent>`,
    );
    const xml = model(`<bpmn:startEvent id="s"/><bpmn:userTask id="a"/>${twice.join('')}${flow('f', 's', 'a')}`);
    expect(await problemsOf(xml)).toMatchObject([{ elementId: 'e2', rule: 'boundary' }]);
  });
});
