import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const java = fileURLToPath(new URL('java/', import.meta.url));

/** Fetches and builds what the slow lanes run that npm does not bring, once: again only when what it is made of changed. */
export default function prepare(): void {
  jars('kafka-4');
}

/** The jars that a pom asks for, into target/{name}. */
function jars(name: string): void {
  const pom = `${java}${name}.xml`;
  build(`${java}target/${name}`, [pom], (target) =>
    run('mvn', ['-B', '-q', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${target}`], java),
  );
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
