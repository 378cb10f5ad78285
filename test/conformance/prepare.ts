import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { goAgent } from './clients/go.ts';
import { pythonDirectory, pythonEnvironment } from './clients/python.ts';
import { agentClasses, clientJars } from './java/jars.ts';

const java = fileURLToPath(new URL('java/', import.meta.url));
const go = fileURLToPath(new URL('go/', import.meta.url));

/** Fetches and builds what the slow lanes run that npm does not bring, once: again only when what it is made of changed. */
export default function prepare(): void {
  prepareKafka();
  jars('kafka-3');
  const javaSources = filesOf(`${java}src/`, '.java');
  // Against the older client, whose methods the newer one still has.
  build(agentClasses, javaSources, (target) => run('javac', ['-cp', clientJars, '-d', target, ...javaSources], java));
  build(dirname(goAgent), [...filesOf(go, '.go'), `${go}go.mod`], () => run('go', ['build', '-o', goAgent, '.'], go));
  const wanted = `${pythonDirectory}requirements.txt`;
  build(pythonEnvironment, [wanted], (target) => {
    run('/usr/bin/python3', ['-m', 'venv', target], pythonDirectory);
    run(`${target}/bin/pip`, ['install', '--quiet', '--disable-pip-version-check', '-r', wanted], pythonDirectory);
  });
}

/** Apache Kafka and its tools alone. */
export function prepareKafka(): void {
  jars('kafka-4');
}

/** The jars that a pom asks for, into target/{name}. */
function jars(name: string): void {
  const pom = `${java}${name}.xml`;
  build(`${java}target/${name}`, [pom], (target) =>
    run('mvn', ['-B', '-q', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${target}`], java),
  );
}

function filesOf(directory: string, suffix: string): string[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith(suffix))
    .map((name) => `${directory}${name}`);
}

/** Calls `make` with an empty directory, unless it has been made from these sources before. */
function build(target: string, sources: readonly string[], make: (target: string) => void): void {
  const stamp = `${target}.stamp`;
  const made = sources.map((source) => readFileSync(source, 'utf8')).join('\n');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === made) return;
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  make(target);
  writeFileSync(stamp, made);
}

function run(command: string, args: readonly string[], cwd: string): void {
  const { status, error } = spawnSync(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
  if (error !== undefined) throw new Error(`expected to find the program ${command}, found: ${error.message}`);
  if (status !== 0) throw new Error(`expected ${command} ${args.join(' ')} to succeed, found exit code ${status}`);
}
