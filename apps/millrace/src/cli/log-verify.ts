import { type Verified, verifyPartition } from '@millrace/log';
import { systemDisk } from '@millrace/std';

import { partitionsAt } from './log-partitions.ts';
import type { Terminal } from './terminal.ts';

/** `millrace log verify path`: returns whether all is well. */
export function verify(out: Terminal, path: string): boolean {
  const results = partitionsAt(path).map((partition) => {
    const verified = verifyPartition(systemDisk, partition);
    if (out.json) out.value(verified);
    else print(out, verified);
    return verified;
  });
  const problems = results.reduce((sum, { problems }) => sum + problems.length, 0);
  if (!out.json && results.length > 1) out.line(`${results.length} partitions, ${counted(problems)}`);
  return problems === 0;
}

function print(out: Terminal, verified: Verified): void {
  const { partition, segments, bytes, batches, records, firstOffset, nextOffset, problems, notes } = verified;
  const verdict = problems.length === 0 ? out.style('green', 'ok') : out.style('red', counted(problems.length));
  const count = `${segments} segments, ${bytes} bytes, ${batches} batches, ${records} records`;
  out.line(`${out.style('bold', partition)}  ${verdict}  offsets ${firstOffset} to ${nextOffset}, ${count}`);
  for (const { file, position, offset, message } of problems) {
    const where = [
      offset === undefined ? '' : `offset ${offset}`,
      position === undefined ? '' : `position ${position}`,
    ].filter((part) => part !== '');
    out.line(`  ${out.style('red', file)}${where.length === 0 ? '' : ` (${where.join(', ')})`}: ${message}`);
  }
  for (const note of notes) out.line(`  ${out.style('dim', note)}`);
}

const counted = (problems: number): string => `${problems} ${problems === 1 ? 'problem' : 'problems'}`;
