import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface ServedProcess {
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts a Node program and waits for the line of its output from which `portOf` reads where it listens. */
export async function startServed(
  args: readonly string[],
  portOf: (line: string) => number | undefined,
): Promise<ServedProcess> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await exited;
  };
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) {
    const port = portOf(line);
    if (port !== undefined) {
      // From here on nobody reads it, and a full pipe would stop the process.
      child.stdout.resume();
      return { port, stop };
    }
  }
  throw new Error(`expected ${args.join(' ')} to say where it listens, it exited with ${String(child.exitCode)}`);
}
