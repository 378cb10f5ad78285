import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../support/server-process.ts';
import { until } from '../../support/until.ts';
import { java, kafkaJars } from '../java/jars.ts';

/** Lines of server.properties, from those that there are without. */
export type Overrides = (defaults: Readonly<Record<string, string>>) => Readonly<Record<string, string>>;

/** 22 characters of base64url, as Kafka writes ids: any will do. */
const CLUSTER_ID = 'conformance-conformanc';
const OUTPUT_MAX = 20_000;
/** C1 alone: what is short starts in half the time, and a broker under test need not be fast. */
export const SHORT_LIVED = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

/** Apache Kafka as one node that is broker and controller (KRaft), from the jars that `prepare.ts` laid down. */
export class ApacheKafka {
  readonly address: string;
  readonly port: number;
  readonly #directory = mkdtempSync(join(tmpdir(), 'millrace-kafka-'));
  readonly #configuration = join(this.#directory, 'server.properties');
  readonly #flags: readonly string[];
  #child: ChildProcess | undefined;
  #output = '';

  private constructor(port: number, controllerPort: number, overrides: Overrides, flags: readonly string[]) {
    this.#flags = flags;
    this.port = port;
    this.address = `127.0.0.1:${port}`;
    const defaults = settingsOf(port, controllerPort, join(this.#directory, 'log'));
    const settings = { ...defaults, ...overrides(defaults) };
    const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
    writeFileSync(this.#configuration, `${lines.join('\n')}\n`);
  }

  /** `flags` are those of the Java virtual machine. */
  static async start(overrides: Overrides = () => ({}), flags: readonly string[] = SHORT_LIVED): Promise<ApacheKafka> {
    const [port = 0, controllerPort = 0] = await freePorts(2);
    const broker = new ApacheKafka(port, controllerPort, overrides, flags);
    const format = ['kafka.tools.StorageTool', 'format', '-t', CLUSTER_ID, '-c', broker.#configuration];
    const formatting = broker.#run(format);
    const [code] = (await once(formatting, 'close')) as [number | null];
    if (code !== 0)
      throw new Error(`expected Kafka to format its storage, found exit code ${code}:\n${broker.#output}`);
    await broker.start();
    return broker;
  }

  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error('expected Kafka to run');
    return this.#child.pid;
  }

  async start(): Promise<void> {
    this.#output = '';
    const child = this.#run(['kafka.Kafka', this.#configuration]);
    this.#child = child;
    // Its listener opens when the broker is registered, unfenced and has read its metadata.
    await until(
      'Kafka to listen',
      async () => {
        if (child.exitCode !== null) throw new Error(`expected Kafka to run, found:\n${this.#output}`);
        return accepts(this.port);
      },
      60_000,
    );
  }

  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #run(args: readonly string[]): ChildProcess {
    const child = spawn(java, [...this.#flags, '-cp', kafkaJars, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        this.#output = (this.#output + chunk.toString()).slice(-OUTPUT_MAX);
      });
    }
    return child;
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }
}

function settingsOf(port: number, controllerPort: number, logDirectory: string): Record<string, string> {
  const listener = `PLAINTEXT://127.0.0.1:${port}`;
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `${listener},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': listener,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': logDirectory,
    'num.partitions': '1',
    // What one node can have.
    'default.replication.factor': '1',
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '1',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '1',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'share.coordinator.state.topic.num.partitions': '1',
    // So that a test need not wait: the first rebalance at once, a killed broker back without its old session running out,
    // and timed-out transactions aborted soon.
    'group.initial.rebalance.delay.ms': '0',
    'broker.session.timeout.ms': '1000',
    'broker.heartbeat.interval.ms': '200',
    'transaction.abort.timed.out.transaction.cleanup.interval.ms': '200',
  };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
