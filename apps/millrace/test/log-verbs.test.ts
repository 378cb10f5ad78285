import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { LogDirectory } from '@millrace/log';
import { systemDisk } from '@millrace/std';
import { encodeBatch } from '@millrace/wire';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

let data: string;
let directory: LogDirectory;

beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), 'millrace-log-'));
  directory = await LogDirectory.open({ path: data, fsync: 'never' });
  directory.createTopic({ name: 'orders', partitions: 2, configs: {} });
  const headers = [{ key: 'trace', value: 'x' }];
  const records = [
    { timestamp: Date.UTC(2026, 0, 2), key: 'k', value: '{"a":1}', headers },
    { timestamp: Date.UTC(2026, 0, 2), key: null, value: Buffer.from([0xff, 0x00]) },
  ];
  const result = directory.partition('orders', 0)?.append(encodeBatch(records), { origin: 'client' });
  expect(result).toMatchObject({ baseOffset: 0 });
});
afterEach(async () => {
  await directory.close();
  rmSync(data, { recursive: true, force: true });
});

function millrace(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], { env: { ...process.env, NO_COLOR: '1' } }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
    });
  });
}

describe('millrace log', () => {
  it('prints the batches and records of a partition while its owner has it open', async () => {
    const { code, out } = await millrace('log', 'dump', join(data, 'orders-0'), '--records');
    expect(code).toBe(0);
    expect(out.split('\n')).toEqual([
      'orders-0/00000000000000000000.log',
      '  offsets 0 to 1  at 0  93 bytes  2 records  none  2026-01-02T00:00:00.000Z',
      '    {"offset":0,"timestamp":1767312000000,"key":"k","value":"{\\"a\\":1}","headers":[["trace","x"]]}',
      '    {"offset":1,"timestamp":1767312000000,"key":null,"value":{"base64":"/wA="}}',
      '',
    ]);
    const json = await millrace('log', 'dump', data, '--json', '--records', '--limit', '1');
    expect(JSON.parse(json.out)).toMatchObject({
      partition: 'orders-0',
      baseOffset: 0,
      recordCount: 2,
      flaw: null,
      records: [{ key: 'k' }, { value: { base64: '/wA=' } }],
    });
  });

  it('verifies a directory, and exits with 1 naming what is wrong', async () => {
    const sound = await millrace('log', 'verify', data);
    expect(sound).toMatchObject({ code: 0, err: '' });
    expect(sound.out).toContain('orders-0  ok  offsets 0 to 2, 1 segments, 93 bytes, 1 batches, 2 records');
    expect(sound.out).toContain('2 partitions, 0 problems');
    const path = join(data, 'orders-0', '00000000000000000000.log');
    const file = systemDisk.open(path);
    file.write(Buffer.from([1]), 80);
    file.close();
    const bad = await millrace('log', 'verify', path);
    expect(bad.code).toBe(1);
    expect(bad.out).toContain('(offset 0, position 0): expected a sound batch, found checksum mismatch');
    const json = await millrace('log', 'verify', path, '--json');
    expect(JSON.parse(json.out)).toMatchObject({ problems: [{ offset: 0, position: 0 }] });
  });

  it.for([
    [1, ['verify', '/does/not/exist'], 'expected a log at /does/not/exist, found none'],
    [1, ['dump', fileURLToPath(new URL('.', import.meta.url))], 'found no .log file in it'],
    [2, ['dump'], "missing required argument 'path'"],
    [2, ['dump', '.', '--from', 'x'], 'expected a whole number'],
  ] as const)('exits with %i for log %j', async ([code, args, message]) => {
    const result = await millrace('log', ...args);
    expect(result.code).toBe(code);
    expect(result.err).toContain(message);
  });
});
