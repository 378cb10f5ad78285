/**
 * `npm run build -w libs/plugin [directory]`: makes the package that is published, in `dist/package`, ready for `npm publish`.
 *
 * The workspace runs TypeScript as it is; users of the SDK get JavaScript with declarations. The private parts it stands on
 * (names of the bus, schemas of the contract) go along as bundled dependencies, so that there is one package to install.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const home = fileURLToPath(new URL('..', import.meta.url));
const target = resolve(process.argv[2] ?? join(home, 'dist/package'));
const compiled = join(home, 'dist/compiled');
const bundled = ['std', 'contract', 'bus'];

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly description: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

function manifestOf(part: string): Manifest {
  return JSON.parse(readFileSync(join(home, '..', part, 'package.json'), 'utf8')) as Manifest;
}

const publicExports = { '.': { types: './index.d.ts', default: './index.js' } };

function writeManifest(directory: string, manifest: object): void {
  writeFileSync(join(directory, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

rmSync(compiled, { recursive: true, force: true });
rmSync(target, { recursive: true, force: true });
execFileSync('tsc', ['-p', join(home, 'tsconfig.build.json')], { stdio: 'inherit' });

mkdirSync(target, { recursive: true });
cpSync(join(compiled, 'plugin/src'), target, { recursive: true });
cpSync(join(home, 'README.md'), join(target, 'README.md'));
cpSync(join(home, '../../LICENSE'), join(target, 'LICENSE'));
for (const part of bundled) {
  const directory = join(target, 'node_modules/@millrace', part);
  cpSync(join(compiled, part, 'src'), directory, { recursive: true });
  const { name, version, license } = manifestOf(part);
  writeManifest(directory, { name, version, license, type: 'module', exports: publicExports });
}

const { name, version, license, description, dependencies } = manifestOf('plugin');
const bundledNames = bundled.map((part) => manifestOf(part).name);
writeManifest(target, {
  name,
  version,
  license,
  description,
  type: 'module',
  engines: { node: '>=20' },
  exports: publicExports,
  dependencies: {
    kafkajs: dependencies['kafkajs'],
    ...Object.fromEntries(bundled.map((part) => [manifestOf(part).name, manifestOf(part).version])),
  },
  bundleDependencies: bundledNames,
  // The user's schemas and ours must come from one zod.
  peerDependencies: { zod: dependencies['zod'] },
});
rmSync(compiled, { recursive: true, force: true });
