import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readModel } from '@millrace/bpmn';
import { type Broker, createBroker } from '@millrace/broker';
import { topicsOf } from '@millrace/bus';
import { type Client, createClient } from '@millrace/client';
import { checkExpression, checkTimer } from '@millrace/feel';
import { createHttpServer, type Served, serve } from '@millrace/http';
import { openEventLog, type Projection, startProjection } from '@millrace/projection';
import { type Command, type InstanceId, instanceId } from '@millrace/records';
import { createRuntime, type Runtime } from '@millrace/runtime';
import { systemClock, systemRandom } from '@millrace/std';
import { VirtualClock } from '@millrace/testing';
import { pino } from 'pino';
import { gatewayRoutes } from '../../src/index.ts';

const topics = topicsOf();
export const PARTITIONS = 3;

/** Broker and runtime, and a gateway on them that can be taken down and started again; all real, in this process. */
export class Mill {
  readonly #directory = mkdtempSync(join(tmpdir(), 'millrace-gateway-'));
  /** Of the gateway alone: heartbeats and time limits come when a test says so. */
  readonly clock = new VirtualClock();
  #broker!: Broker;
  client!: Client;
  runtime!: Runtime;
  projection!: Projection;
  served!: Served;

  static async start(): Promise<Mill> {
    const mill = new Mill();
    mill.#broker = createBroker({
      dataDirectory: join(mill.#directory, 'log'),
      listeners: [{ host: '127.0.0.1', port: 0 }],
      fsync: 'never',
      autoCreateTopics: false,
    });
    const [address] = await mill.#broker.start();
    mill.client = createClient({ brokers: [`127.0.0.1:${address?.port}`], clientId: 'test' });
    mill.runtime = createRuntime({
      client: mill.client,
      storeDirectory: join(mill.#directory, 'engine'),
      partitions: PARTITIONS,
    });
    await mill.runtime.start();
    await mill.startGateway();
    return mill;
  }

  async startGateway(): Promise<void> {
    const logger = pino({ level: 'silent' });
    const log = await openEventLog(this.client, topics.events);
    this.projection = await startProjection({
      log,
      directory: join(this.#directory, 'models'),
      clock: systemClock,
      logger,
    });
    await this.projection.ready;
    const server = createHttpServer({ logger });
    await server.register(gatewayRoutes, { projection: this.projection, clock: this.clock });
    this.served = await serve(server, { host: '127.0.0.1', port: 0 }, systemClock);
  }

  async stopGateway(): Promise<void> {
    await this.served.close();
    await this.projection.close();
  }

  forgetReadModels(): void {
    rmSync(join(this.#directory, 'models'), { recursive: true, force: true });
  }

  async end(): Promise<void> {
    await this.stopGateway();
    await this.runtime.stop();
    this.client.close();
    await this.#broker.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async deploy(xml: string): Promise<void> {
    const { processes } = await readModel(xml, { checkExpression, checkTimer });
    const digest = createHash('sha256').update(xml).digest('hex');
    const models = processes.map((model) => ({ processId: model.id, name: model.name, model }));
    const resource = { kind: 'bpmn', name: 'test.bpmn', content: xml, digest, processes: models } as const;
    await this.ask({ kind: 'deploy', version: 1, resources: [resource] });
    for (const { id } of processes) await this.runtime.definitions.waitForKey(`${id}:1`, 5_000);
  }

  async startInstance(
    processId: string,
    variables: object = {},
    partition?: number,
    businessKey?: string,
  ): Promise<InstanceId> {
    const id = instanceId(partition ?? Math.floor(Math.random() * PARTITIONS), systemRandom.bytes(16));
    await this.ask({
      kind: 'startInstance',
      version: 1,
      instanceId: id,
      processId,
      variables: { ...variables },
      ...(businessKey === undefined ? {} : { businessKey }),
    });
    return id;
  }

  /** Sends without waiting for the answer: the gateway may be down. */
  async send(command: Command): Promise<void> {
    await this.runtime.sender.send(command);
  }

  async ask(command: Command): Promise<void> {
    const requestId = crypto.randomUUID();
    const wait = this.projection.waiters.forRequest(requestId, 10_000);
    await this.runtime.sender.send({ ...command, requestId });
    const { event } = await wait.event;
    if (event.kind === 'command.rejected') throw new Error(event.message);
  }
}

/** Start, a task that passes, a user task, end: some events at once, some later. */
export const reviewed = (processId: string): string => `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="http://millrace.dev/test" id="d">
  <bpmn:process id="${processId}" isExecutable="true">
    <bpmn:startEvent id="start" />
    <bpmn:task id="pass" />
    <bpmn:userTask id="review"><bpmn:extensionElements><zeebe:userTask /></bpmn:extensionElements></bpmn:userTask>
    <bpmn:endEvent id="end" />
    <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="pass" />
    <bpmn:sequenceFlow id="f2" sourceRef="pass" targetRef="review" />
    <bpmn:sequenceFlow id="f3" sourceRef="review" targetRef="end" />
  </bpmn:process>
</bpmn:definitions>`;
