import { headerText, headers } from '@millrace/bus';
import { encodeCommand, instanceId } from '@millrace/records';
import { systemRandom } from '@millrace/std';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { House, type SeenRecord, topics, until } from './support/house.ts';
import { bpmn, oneTask, serviceTask } from './support/models.ts';

describe('the bus', () => {
  let house: House;
  let letters: SeenRecord[];
  beforeEach(async () => {
    house = await House.start();
    letters = house.follow(topics.deadLetters, 1);
  });
  afterEach(() => house.end());

  const letter = async (): Promise<Record<string, unknown>> => {
    await until(() => letters.length > 0);
    const [first] = letters;
    const text = (name: string): string | undefined => headerText(first!, name);
    return {
      reason: text(headers.deadReason),
      topic: text(headers.deadTopic),
      value: first?.value?.toString(),
      key: first?.key?.toString(),
    };
  };

  it('starts an instance by record and confirms it to the sender', async () => {
    await house.deploy(oneTask('p', 'work'));
    const confirmations = house.follow(topics.startConfirmation, 1);
    await house.produce(topics.startTrigger, '{"amount":5}', { 'Fx-ProcessName': 'p', jwt: 'token' }, 'my-key');
    await until(() => confirmations.length === 1);
    const [confirmation] = confirmations;
    const value = JSON.parse(String(confirmation?.value));
    expect(confirmation?.key?.toString()).toBe('my-key');
    expect(headerText(confirmation!, 'jwt')).toBe('token');
    const started = await house.event('instance.started', value.processInstanceUuid);
    expect(started.variables).toEqual({ amount: 5 });
  });

  it('answers a start that is refused, and keeps the record', async () => {
    const confirmations = house.follow(topics.startConfirmation, 1);
    await house.produce(topics.startTrigger, '{ "processName": "unknown" }', {}, 'k');
    await until(() => confirmations.length === 1);
    expect(JSON.parse(String(confirmations[0]?.value))).toMatchObject({ processName: 'unknown', state: 'REJECTED' });
    expect(await letter()).toEqual({
      reason: 'NOT_FOUND',
      topic: topics.startTrigger,
      value: '{ "processName": "unknown" }',
      key: 'k',
    });
  });

  it('takes a FlowX reply into the key that the model names', async () => {
    const receive = `<bpmn:receiveTask id="wait"><bpmn:extensionElements><millrace:receive topic="engine.receive.bank.v1" key="answer" /></bpmn:extensionElements></bpmn:receiveTask>`;
    await house.deploy(bpmn('p', receive, ['start -> wait', 'wait -> end']));
    const id = await house.startInstance('p');
    await house.event('receive.opened', id);
    await house.produce('millrace.engine.receive.bank.v1', '{"ok":true}', { processInstanceUuid: id, jwt: 'x' }, id);
    await house.event('instance.completed', id);
    const changed = await house.event('variables.changed', id);
    expect(changed.values).toEqual({ answer: { ok: true } });
  });

  it('hears an answer on a reply topic that came when everything was running', async () => {
    await house.deploy(oneTask('p', 'work'));
    const jobs = house.follow(topics.job('work'));
    const id = await house.startInstance('p');
    await until(() => jobs.length === 1);
    const topic = `${topics.receivePrefix}connector.results.v1`;
    await house.client.admin.createTopics([{ name: topic, partitions: 2 }]);
    await house.reply(jobs[0]!, {}, { [headers.replyTopic]: topic }, topic);
    await house.event('instance.completed', id);
  });

  it('lets the job of an ad-hoc sub-process say what begins in it, and when it is over', async () => {
    const inside = serviceTask('look', 'look');
    const agent = `<bpmn:extensionElements><zeebe:taskDefinition type="agent" /></bpmn:extensionElements>`;
    const model = `<bpmn:adHocSubProcess id="pick">${agent}${inside}</bpmn:adHocSubProcess>`;
    await house.deploy(bpmn('p', model, ['start -> pick', 'pick -> end']));
    const agents = house.follow(topics.job('agent'));
    const looks = house.follow(topics.job('look'));
    const id = await house.startInstance('p');
    await until(() => agents.length === 1);
    expect(headerText(agents[0]!, headers.result)).toBe('adHocSubProcess');
    await house.reply(agents[0]!, { activateElements: [{ elementId: 'look', variables: { where: 'here' } }] });
    await until(() => looks.length === 1);
    expect(JSON.parse(String(looks[0]?.value))).toMatchObject({ where: 'here' });
    await house.reply(looks[0]!, {});
    await until(() => agents.length === 2);
    await house.reply(agents[1]!, { isCompletionConditionFulfilled: true });
    await house.event('instance.completed', id);
  });

  it.for([
    ['that is not JSON', 'no json', 'NOT_JSON'],
    ['with a number that JSON would round', '{"iban": 12345678901234567890}', 'NUMBER_WOULD_ROUND'],
    ['that is a list where an object belongs', '[1]', 'WRONG_SHAPE'],
  ] as const)('keeps a reply %s among the dead letters, and goes on', async ([, value, reason]) => {
    await house.deploy(oneTask('p', 'work'));
    const jobs = house.follow(topics.job('work'));
    const id = await house.startInstance('p');
    await until(() => jobs.length === 1);
    const texts = Object.fromEntries(jobs[0]!.headers.map((header) => [header.key, String(header.value)]));
    await house.produce(topics.reply, value, texts, id);
    expect(await letter()).toEqual({ reason, topic: topics.reply, value, key: id });
    await house.reply(jobs[0]!, {});
    await house.event('instance.completed', id);
  });

  it('keeps a reply that comes when its job is finished, as it came', async () => {
    await house.deploy(oneTask('p', 'work'));
    const jobs = house.follow(topics.job('work'));
    const id = await house.startInstance('p');
    await until(() => jobs.length === 1);
    await house.reply(jobs[0]!, {});
    await house.event('instance.completed', id);
    await house.produce(
      topics.reply,
      '{ "late" : 1 }',
      Object.fromEntries(jobs[0]!.headers.map((header) => [header.key, String(header.value)])),
      'k',
    );
    expect(await letter()).toEqual({ reason: 'NOT_FOUND', topic: topics.reply, value: '{ "late" : 1 }', key: 'k' });
    expect(
      house.events.some(({ event }) => event.kind === 'command.rejected' && event.commandKind === 'completeJob'),
    ).toBe(true);
  });

  it('drops what it has brought in already', async () => {
    await house.deploy(oneTask('p', 'work'));
    await house.produce(topics.startTrigger, '{}', { 'Fx-ProcessName': 'p' });
    await until(() => house.events.some(({ event }) => event.kind === 'instance.started'));
    await house.runtime.stop();
    // The ingress forgets how far it was, as after a crash before its commit.
    await house.client.admin.commitOffsets(`${topics.namespace}ingress`, [
      { topic: topics.startTrigger, partition: 0, offset: 0 },
    ]);
    await house.replaceRuntime({ store: 'store' });
    await house.produce(topics.startTrigger, '{}', { 'Fx-ProcessName': 'p' });
    await until(() => house.runtime.stats().ingress.records === 2);
    await until(() => house.events.filter(({ event }) => event.kind === 'instance.started').length === 2);
    // The event may be seen before its batch is counted.
    const decided = (): number => house.runtime.stats().partitions.reduce((sum, { commands }) => sum + commands, 0);
    await until(() => decided() >= 2);
    expect(decided()).toBe(2);
    expect(letters).toEqual([]);
  });

  it('puts a command that can not be decoded aside, and the partition goes on', async () => {
    await house.deploy(oneTask('p', 'work'));
    const producer = house.client.producer();
    const misplaced = {
      kind: 'startInstance',
      version: 1,
      instanceId: instanceId(2, systemRandom.bytes(16)),
      processId: 'p',
      variables: {},
    } as const;
    for (const value of ['garbage', '{"kind":"explode","version":1}', encodeCommand(misplaced)]) {
      await producer.send({ topic: topics.commands, partition: 1, key: null, value });
    }
    const id = await house.startInstance('p', {}, 1);
    await house.event('job.created', id);
    await until(() => letters.length === 3);
    expect(letters.map((one) => headerText(one, headers.deadReason))).toEqual(
      Array.from({ length: 3 }, () => 'UNDECODABLE_COMMAND'),
    );
    expect(house.runtime.health().partitions[1]).toEqual({ partition: 1, phase: 'running' });
    await producer.close();
  });

  it('keeps a record whose topic can not be, and the instance goes on', async () => {
    const send = `<bpmn:sendTask id="send"><bpmn:extensionElements><millrace:publish topic="=target" /></bpmn:extensionElements></bpmn:sendTask>`;
    await house.deploy(bpmn('p', send, ['start -> send', 'send -> end']));
    const id = await house.startInstance('p', { target: 'not a topic!' });
    await house.event('instance.completed', id);
    expect(await letter()).toMatchObject({ reason: 'NOT_SENDABLE', topic: 'not a topic!', key: id });
  });

  it('publishes to a topic of any name, creating it', async () => {
    const send = `<bpmn:sendTask id="send"><bpmn:extensionElements><millrace:publish topic="crm.updates" payload="={a: amount}" key="=string(amount)" /></bpmn:extensionElements></bpmn:sendTask>`;
    await house.deploy(bpmn('p', send, ['start -> send', 'send -> end']));
    const id = await house.startInstance('p', { amount: 7 });
    await house.event('instance.completed', id);
    const updates = house.follow('crm.updates');
    await until(() => updates.length === 1);
    expect(updates[0]?.value?.toString()).toBe('{"a":7}');
    expect(updates[0]?.key?.toString()).toBe('7');
    expect(headerText(updates[0]!, headers.job)).toBeUndefined();
    expect(headerText(updates[0]!, headers.instanceUuid)).toBe(id);
  });

  it('gives a user task to the owner whom an operation names, whoever has it', async () => {
    await house.deploy(bpmn('review', '<bpmn:userTask id="work" />', ['start -> work', 'work -> end']));
    const id = await house.startInstance('review');
    const { elementKey: taskId } = await house.event('task.created', id);
    const assign = (owner: string): Promise<unknown> =>
      house.produce(topics.operations, JSON.stringify({ operationType: 'ASSIGN', taskId, owner }));
    await assign('ann');
    expect(await house.event('task.updated', id)).toMatchObject({ changes: { assignee: 'ann' } });
    await assign('bob');
    await house.seen(({ event }) => event.kind === 'task.updated' && event.changes.assignee === 'bob');
  });

  it('suspends, resumes and terminates by operation, and says what cannot be done', async () => {
    await house.deploy(oneTask('p', 'work'));
    await house.client.admin.createTopics([{ name: 'answers', partitions: 1 }]);
    const answers = house.follow('answers', 1);
    const id = await house.startInstance('p');
    await house.event('job.created', id);
    const texts = { callbackTopic: 'answers', requestID: '7' };
    await house.produce(topics.operations, JSON.stringify({ operationType: 'HOLD', processInstanceUuid: id }), texts);
    await house.event('instance.suspended', id);
    await house.produce(topics.operations, JSON.stringify({ operationType: 'UNHOLD', processInstanceUuid: id }), texts);
    await house.event('instance.resumed', id);
    await house.produce(topics.operations, JSON.stringify({ operationType: 'ASSIGN' }), texts);
    await until(() => answers.length === 3);
    expect(answers.map(({ value }) => JSON.parse(String(value)))).toMatchObject([
      { results: [{ operationType: 'HOLD', success: true }] },
      { results: [{ operationType: 'UNHOLD', success: true }] },
      { results: [{ operationType: 'ASSIGN', success: false }] },
    ]);
    expect(headerText(answers[0]!, 'requestID')).toBe('7');
    await house.produce(
      topics.operationsBulk,
      JSON.stringify({ operations: [{ operationType: 'TERMINATE', processInstanceUuid: id }] }),
      texts,
    );
    await house.event('instance.cancelled', id);
    await until(() => answers.length === 4);
  });
});
