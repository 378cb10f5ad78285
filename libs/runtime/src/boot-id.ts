import { readFileSync } from 'node:fs';

/**
 * Names one boot of the machine. A store of an earlier boot may be torn by a power loss, because its writes are not
 * synced (R1); undefined where the system does not say, and then they are.
 */
export function bootId(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return undefined;
  }
}
