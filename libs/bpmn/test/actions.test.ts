import { describe, expect, it } from 'vitest';
import { elementsBefore, elementsBehind, literalJobTypes, mendingOf } from '../src/index.ts';
import { around, extended, flow, model, problemsOf, read } from './fixtures.ts';

const node = (content: string, kind = 'task', attributes = ''): string =>
  around('e', `<bpmn:${kind} id="e" name="Check" ${attributes}>${extended(content)}</bpmn:${kind}>`);
const job = '<zeebe:taskDefinition type="work"/>';
const publish = '<millrace:publish topic="out"/>';
const action = (attributes: string, content = ''): string =>
  `<millrace:action ${attributes}>${content}</millrace:action>`;

describe('actions of a node', () => {
  it('are elements of the model in its scope, and settings in their order', async () => {
    const process = await read(
      node(
        [
          action('name="last" order="2" manual="true" optional="true" repeatable="true" condition="=amount &gt; 5"'),
          action('name="send" order="-1"', publish),
          action(
            'name="answer" parent="send" callback="true" key="got" timeout="PT1H"',
            '<zeebe:script expression="=got" resultVariable="kept"/>',
          ),
          action(
            'name="work" delay="PT30S"',
            `${job}<zeebe:ioMapping><zeebe:input source="=a" target="b"/></zeebe:ioMapping>`,
          ),
          action('name="remind" optional="true" cycle="R/P1D"', '<zeebe:calledElement processId="q"/>'),
        ].join(''),
      ),
    );
    expect(process.elements['e']).toMatchObject({
      kind: 'task',
      actions: [
        { name: 'send', elementId: 'e:send', order: -1 },
        {
          name: 'answer',
          elementId: 'e:answer',
          order: 0,
          parent: 'send',
          callback: { key: 'got', timeout: { kind: 'literal', value: 'PT1H' } },
        },
        { name: 'work', order: 0, timer: { timer: 'duration', expression: { kind: 'literal', value: 'PT30S' } } },
        { name: 'remind', order: 0, isOptional: true, timer: { timer: 'cycle' } },
        { name: 'last', order: 2, isManual: true, isOptional: true, isRepeatable: true, condition: 'amount > 5' },
      ],
    });
    const inner = { scope: 'e', actionOf: 'e', incoming: [], outgoing: [] };
    expect(process.elements['e:last']).toEqual({
      id: 'e:last',
      name: 'last',
      kind: 'task',
      inputs: [],
      outputs: [],
      ...inner,
    });
    expect(process.elements['e:send']).toMatchObject({ kind: 'sendTask', action: { kind: 'publish' }, ...inner });
    expect(process.elements['e:answer']).toMatchObject({ kind: 'scriptTask', ...inner });
    expect(process.elements['e:work']).toMatchObject({ kind: 'serviceTask', inputs: [{ target: ['b'] }], ...inner });
    expect(process.elements['e:remind']).toMatchObject({ kind: 'callActivity', ...inner });
    expect(literalJobTypes(process)).toEqual(['work']);
    expect(await problemsOf(node(action('name="work"', job)))).toEqual([]);
  });

  it('may be what a send task sends, a decision or a message', async () => {
    const process = await read(
      node(
        action('name="x"', '<millrace:message name="m" correlationKey="=k"/>') +
          action('name="y"', '<zeebe:calledDecision decisionId="d" resultVariable="r"/>'),
        'sendTask',
      ),
    );
    expect(process.elements['e']).toMatchObject({ kind: 'sendTask', action: { kind: 'none' } });
    expect(process.elements['e:x']).toMatchObject({ kind: 'sendTask', action: { kind: 'message' } });
    expect(process.elements['e:y']).toMatchObject({ kind: 'businessRuleTask', action: { kind: 'decision' } });
  });

  it.for<[what: string, xml: string, rule: string, words: string]>([
    ['a name is missing', node(action('manual="true"')), 'action', 'to have a name of letters'],
    ['a name is no name', node(action('name="a b"')), 'action', 'found "a b"'],
    ['a name is reserved', node(action('name="constructor"')), 'action', 'found "constructor"'],
    ['a name is there twice', node(action('name="x"') + action('name="x"')), 'action', 'expected one action "x"'],
    [
      'it is called as what completes a user task',
      node(action('name="complete"'), 'userTask'),
      'action',
      'another name',
    ],
    ['it does two things', node(action('name="x"', job + publish)), 'action', 'to do one thing'],
    ['an order is no number', node(action('name="x" order="soon"')), 'action', 'the order of action "e:x"'],
    ['a parent is not there', node(action('name="x" parent="y"')), 'action', 'expected "y", the parent of'],
    [
      'parents go round',
      node(action('name="x" parent="y"') + action('name="y" parent="x"')),
      'action',
      'not to be among its own parents',
    ],
    ['a callback has no parent', node(action('name="x" callback="true"')), 'action', 'to have a parent that sends'],
    [
      'the parent of a callback sends nothing',
      node(action('name="y"') + action('name="x" callback="true" parent="y"')),
      'action',
      'to publish a record or offer a job',
    ],
    [
      'a callback is manual',
      node(action('name="y"', publish) + action('name="x" callback="true" manual="true" parent="y"')),
      'action',
      'neither manual nor timed',
    ],
    ['it has a key without being a callback', node(action('name="x" key="k"')), 'action', 'to be a callback'],
    [
      'a key is no variable',
      node(action('name="y"', publish) + action('name="x" callback="true" parent="y" key="a b"')),
      'action',
      'found "a b"',
    ],
    ['it has two timers', node(action('name="x" delay="PT1S" date="2027-01-01T00:00:00Z"')), 'action', 'one of delay'],
    ['a timer is none', node(action('name="x" delay="soon"')), 'timer', 'delay: expected a duration'],
    ['a cycle would keep the node', node(action('name="x" cycle="R/PT1H"')), 'action', 'automatic and optional'],
    ['a condition is no FEEL', node(action('name="x" condition="yes"')), 'condition', 'FEEL that starts with "="'],
    ['a condition is wrong', node(action('name="x" condition="=!"')), 'expression', 'wrong syntax'],
    ['what it does is wrong', node(action('name="x"', '<zeebe:taskDefinition/>')), 'job', 'expected action "e:x"'],
    ['the node has none', node(action('name="x"', job) + job, 'serviceTask'), 'action', 'is for tasks, manual, user'],
    ['a send task sends by itself', node(action('name="x"') + publish, 'sendTask'), 'action', 'found both'],
    [
      'there are too many',
      node(Array.from({ length: 51 }, (_, index) => action(`name="x${index}"`)).join('')),
      'action',
      'at most 50 actions',
    ],
  ])('are refused where %s', async ([, xml, rule, words]) => {
    const [problem] = (await problemsOf(xml)).filter(({ severity }) => severity === 'error');
    expect(problem).toMatchObject({ elementId: 'e', rule, message: expect.stringContaining(words) });
    expect(mendingOf(problem?.rule ?? 'xml')).not.toBe('');
  });

  it('with a setting that nobody knows are warned of, at their node', async () => {
    expect(await problemsOf(node(action('name="x" manuel="true"')))).toMatchObject([
      { elementId: 'e', rule: 'unknown-content', severity: 'warning', message: expect.stringContaining('manuel') },
    ]);
  });

  it('that nothing waits for are warned of', async () => {
    expect(await problemsOf(node(action('name="x" manual="true" optional="true"')))).toMatchObject([
      { elementId: 'e', rule: 'action', severity: 'warning' },
    ]);
    expect(await problemsOf(node(action('name="x" manual="true" optional="true"'), 'userTask'))).toEqual([]);
  });
});

describe('stages, milestones and steps back', () => {
  it('are read from what an element has', async () => {
    const process = await read(
      node('<millrace:stage name="Review"/><millrace:milestone name="Reviewed"/><millrace:back remove="a, b"/>'),
    );
    expect(process.elements['e']).toMatchObject({
      stage: 'Review',
      milestone: 'Reviewed',
      back: { remove: ['a', 'b'] },
    });
  });

  it.for<[what: string, xml: string, words: string]>([
    ['a stage has no name', node('<millrace:stage/>'), 'the millrace:stage of task "Check" to have a name'],
    ['a milestone has a long one', node(`<millrace:milestone name="${'x'.repeat(201)}"/>`), 'at most 200 characters'],
    ['a token would go back to a gateway', node('<millrace:back/>', 'exclusiveGateway'), 'to be an activity'],
    ['what is removed is no variable', node('<millrace:back remove="a.b"/>'), 'found "a.b"'],
  ])('are refused where %s', async ([, xml, words]) => {
    expect(await problemsOf(xml)).toMatchObject([
      { elementId: 'e', rule: 'stage', severity: 'error', message: expect.stringContaining(words) },
    ]);
  });
});

describe('elementsBehind and elementsBefore', () => {
  it('follow flows and boundary events, within one scope', async () => {
    const process = await read(
      model(
        `<bpmn:startEvent id="s"/><bpmn:userTask id="a"/><bpmn:subProcess id="sub"><bpmn:startEvent id="s2"/></bpmn:subProcess>
         <bpmn:boundaryEvent id="late" attachedToRef="sub"><bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>
         <bpmn:task id="b"/><bpmn:endEvent id="end"/>${flow('f1', 's', 'a')}${flow('f2', 'a', 'sub')}${flow('f3', 'sub', 'end')}${flow('f4', 'late', 'b')}${flow('f5', 'b', 'a')}`,
      ),
    );
    expect([...elementsBehind(process, 'a')].sort()).toEqual(['a', 'b', 'end', 'late', 'sub']);
    expect([...elementsBefore(process, 'b')].sort()).toEqual(['a', 'b', 'late', 's', 'sub']);
    expect([...elementsBefore(process, 's')]).toEqual([]);
    expect([...elementsBehind(process, 'end')]).toEqual([]);
    expect([...elementsBehind(process, 'nowhere')]).toEqual([]);
  });
});
