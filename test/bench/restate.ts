/**
 * Millrace and Restate in turns on the same machine: the same callers start a process, wait for its one remote step and its result, over HTTP.
 * Both make every step durable with an fsync before they go on (Restate by default), and both have the step done by a process of its own.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts, ServerProcess } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { latencies, postJson, throughput } from './load.ts';
import { deploy, oneTaskModel, startAndWait, withPlugin } from './served-millrace.ts';
import { residentMegabytes, startServed } from './served-process.ts';
import { percentile, type Row } from './table.ts';

const ROUNDS = 3;
const WARM_UP_MS = 5_000;
const ROUND_MS = 5_000;
const CALLERS = [64, 256, 768];
const LATENCY_SAMPLES = 200;
const LATENCY_PAUSE_MS = 20;

const directory = fileURLToPath(new URL('restate/', import.meta.url));

interface Contestant {
  readonly ask: () => Promise<void>;
  readonly residentMegabytes: () => number;
}

export async function compareWithRestate(): Promise<Row[]> {
  install();
  return withMillrace((millrace) => withRestate((restate) => measure(millrace, restate)));
}

async function measure(ours: Contestant, theirs: Contestant): Promise<Row[]> {
  const [our, their] = [ours.residentMegabytes(), theirs.residentMegabytes()];
  const rows = [row('resident memory, idle', our, their, their / our, (value) => `${value.toFixed(0)} MB`)];
  for (const { ask } of [ours, theirs]) await throughput(WARM_UP_MS, 64, ask);
  const samples = await latencies(LATENCY_SAMPLES, LATENCY_PAUSE_MS, ours.ask);
  const theirSamples = await latencies(LATENCY_SAMPLES, LATENCY_PAUSE_MS, theirs.ask);
  for (const share of [0.5, 0.99]) {
    const [one, other] = [percentile(samples, share), percentile(theirSamples, share)];
    const what = `start to complete, one remote step, low load, p${share * 100}`;
    rows.push(row(what, one, other, other / one, (value) => `${value.toFixed(1)} ms`));
  }
  for (const callers of CALLERS) {
    const rates: number[] = [];
    const theirRates: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      rates.push(await throughput(ROUND_MS, callers, ours.ask));
      theirRates.push(await throughput(ROUND_MS, callers, theirs.ask));
    }
    const [one, other] = [percentile(rates, 0.5), percentile(theirRates, 0.5)];
    rows.push(row(`completed, ${callers} callers`, one, other, one / other, (value) => `${value.toFixed(0)}/s`));
  }
  return rows;
}

function row(what: string, ours: number, theirs: number, timesAsGood: number, show: (value: number) => string): Row {
  return { what, value: show(ours), against: `Restate ${show(theirs)}: ${timesAsGood.toFixed(2)} times as good` };
}

async function withMillrace<T>(use: (contestant: Contestant) => Promise<T>): Promise<T> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  const [httpPort = 0, kafkaPort = 0] = await freePorts(2);
  const flags = ['--demo', 'false', '--log-level', 'warn'];
  const server = new ServerProcess({ dataDirectory, httpPort, kafkaPort, flags });
  try {
    await server.start();
    await deploy(server.url, oneTaskModel);
    return await withPlugin(server, () =>
      use({
        ask: () => startAndWait(server.url, 'one-task'),
        residentMegabytes: () => residentMegabytes(server.pid),
      }),
    );
  } finally {
    await server.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  }
}

async function withRestate<T>(use: (contestant: Contestant) => Promise<T>): Promise<T> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'restate-bench-'));
  const [fabric, admin, ingress] = await freePorts(3);
  const service = await startServed([`${directory}service.mjs`], (line) => {
    const port = /listening on (\d+)/.exec(line)?.[1];
    return port === undefined ? undefined : Number(port);
  });
  const server = spawn(
    restateServer(),
    ['--bind-ip', '127.0.0.1', '--listen-mode', 'tcp', '--base-dir', dataDirectory],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        ...process.env,
        RESTATE_BIND_PORT: String(fabric),
        RESTATE_ADMIN__BIND_PORT: String(admin),
        RESTATE_INGRESS__BIND_PORT: String(ingress),
        RESTATE_DISABLE_TELEMETRY: 'true',
        RESTATE_LOG_FILTER: 'error',
      },
    },
  );
  const exited = once(server, 'exit');
  try {
    const deployment = JSON.stringify({ uri: `http://127.0.0.1:${service.port}` });
    const ask = (): Promise<void> =>
      postJson(`http://127.0.0.1:${ingress}/one-task/run`, '{"customer":"Ada","amount":1200}');
    const succeeds = (call: () => Promise<void>) => () =>
      call().then(
        () => true,
        () => false,
      );
    const registered = succeeds(() => postJson(`http://127.0.0.1:${admin}/deployments`, deployment));
    await until('Restate knows the service', registered, 60_000);
    await until('Restate runs the service', succeeds(ask), 60_000);
    return await use({ ask, residentMegabytes: () => residentMegabytes(server.pid ?? 0) });
  } finally {
    server.kill('SIGTERM');
    await exited;
    await service.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  }
}

/** The server's program without its Node launcher, so that its signals and memory are its own. */
function restateServer(): string {
  return `${directory}node_modules/@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`;
}

/** From npm, once. Nothing that it brings needs its install scripts. */
function install(): void {
  if (existsSync(restateServer())) return;
  const flags = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
  const { status } = spawnSync('npm', flags, { cwd: directory, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0)
    throw new Error(`expected npm to install Restate in ${directory}, found exit code ${String(status)}`);
}
