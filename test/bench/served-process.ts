import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

export interface ServedProcess {
  readonly port: number;
  /** Of processor time so far, by all threads. */
  cpuSeconds(): number;
  /** Resident memory now. */
  residentMegabytes(): number;
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
      return servedProcess(child.pid ?? 0, port, stop);
    }
  }
  throw new Error(`expected ${args.join(' ')} to say where it listens, it exited with ${String(child.exitCode)}`);
}

export function servedProcess(pid: number, port: number, stop: () => Promise<void>): ServedProcess {
  return { port, stop, cpuSeconds: () => cpuSeconds(pid), residentMegabytes: () => residentMegabytes(pid) };
}

/** utime and stime of proc(5), Linux only. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
  const TICKS_PER_SECOND = 100;
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** VmRSS of proc(5), Linux only. */
export function residentMegabytes(pid: number): number {
  const match = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
  return match === null ? Number.NaN : Number(match[1]) / 1024;
}
