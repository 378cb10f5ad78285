import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const build = fileURLToPath(new URL('../build/build.ts', import.meta.url));
const modules = fileURLToPath(new URL('../../../node_modules', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'millrace-plugin-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const program = `
  import { BpmnError, definePlugin, runPlugins } from '@millrace/plugin';
  import { z } from 'zod';
  const plugin = definePlugin({ type: 't', input: z.object({}), output: z.object({}), handler: () => ({}) });
  const running = runPlugins({ brokers: ['127.0.0.1:1'], plugins: [plugin], log: { info() {}, warn() {}, error() {} } });
  await running.stop();
  console.log(plugin.type, new BpmnError('CODE').code);
`;

describe('the published package', () => {
  it('installs from its tarball and runs as JavaScript, without the workspace', () => {
    const env = { ...process.env, PATH: `${join(modules, '.bin')}:${process.env['PATH'] ?? ''}` };
    execFileSync(process.execPath, [build, join(directory, 'package')], { env });
    const [tarball] = JSON.parse(
      execFileSync('npm', ['pack', '--json', '--pack-destination', directory], {
        cwd: join(directory, 'package'),
        encoding: 'utf8',
      }),
    ) as { filename: string }[];
    const installed = join(directory, 'user/node_modules/@millrace/plugin');
    mkdirSync(installed, { recursive: true });
    execFileSync('tar', ['-xzf', join(directory, tarball?.filename ?? ''), '-C', installed, '--strip-components=1']);
    for (const name of ['kafkajs', 'zod']) symlinkSync(join(modules, name), join(directory, 'user/node_modules', name));

    const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
      cwd: join(directory, 'user'),
      encoding: 'utf8',
    });
    expect(output).toBe('t CODE\n');
    expect(readFileSync(join(installed, 'index.d.ts'), 'utf8')).toContain('definePlugin');
  });
});
