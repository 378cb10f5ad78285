import { spawn, spawnSync } from 'node:child_process';
import type { TestContext } from 'vitest';

/** Programs that other people's packages bring, and how to see that they are there. */
const programs = {
  kcat: { package: 'kcat', probe: ['kcat', '-V'] },
  python: { package: 'python3-kafka', probe: ['/usr/bin/python3', '-c', 'import kafka'] },
} as const;

/** Skips the test, saying what to install, on a machine that lacks the program. */
export function need(context: TestContext, program: keyof typeof programs): void {
  const { package: name, probe } = programs[program];
  const [command, ...args] = probe;
  if (spawnSync(command, args).status !== 0) {
    context.skip(`expected the Debian package ${name}; get it with: apt-get install ${name}`);
  }
}

/** Runs a program to its end and returns what it printed; fails with its own words. Does not outlive its test. */
export function run({ signal }: TestContext, command: string, args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], signal, killSignal: 'SIGKILL' });
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`expected ${command} ${args.join(' ')} to succeed, found exit code ${code}:\n${errors}`));
    });
    child.stdin.end(input);
  });
}

export function python(context: TestContext, script: string, ...args: string[]): Promise<string> {
  return run(context, '/usr/bin/python3', ['-c', script, ...args]);
}
