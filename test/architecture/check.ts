import { type PartRule, partRules, testOnlyParts } from './rules.ts';
import { reachOf } from './source.ts';

/** `@millrace/app-engine` is the package of `apps/engine`, `@millrace/wire` that of `libs/wire`. */
function partOf(specifier: string): string | undefined {
  if (!specifier.startsWith('@millrace/')) return undefined;
  const name = specifier.slice('@millrace/'.length).split('/')[0] ?? '';
  return name.startsWith('app-') ? `apps/${name.slice('app-'.length)}` : `libs/${name}`;
}

/**
 * What is wrong with one source file: a sentence each, empty when all is well.
 *
 * @param path from the repository's root, as in `libs/engine/src/decide/start.ts`
 */
export function violations(path: string, text: string): string[] {
  const [kind, name] = path.split('/');
  const part = `${kind}/${name}`;
  const rule = partRules[part];
  if (rule === undefined) return [`${path}: expected ${part} to have a rule in test/architecture/rules.ts`];

  const reach = reachOf(path, text);
  const found = reach.imports.flatMap(({ specifier, line }) => {
    const problem = importProblem(part, rule, path, specifier);
    return problem === undefined ? [] : [`${path}:${line}: ${problem}`];
  });
  for (const { ban, what, line } of reach.uses) {
    if (rule.bans?.includes(ban) === true) found.push(`${path}:${line}: ${part} must not use ${what} (${ban})`);
  }
  return found;
}

function importProblem(part: string, rule: PartRule, path: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) {
    const depth = path.split('/').length - 3;
    const up = specifier.split('/').filter((step) => step === '..').length;
    return up > depth ? `${part} must import other parts by their package name, found ${specifier}` : undefined;
  }
  if (specifier.startsWith('node:')) {
    return rule.node === undefined || rule.node.includes(specifier)
      ? undefined
      : `${part} must not import ${specifier}`;
  }
  const target = partOf(specifier);
  if (target === undefined) {
    const packageName = specifier
      .split('/')
      .slice(0, specifier.startsWith('@') ? 2 : 1)
      .join('/');
    const allowed = rule.packages === undefined || rule.packages.includes(packageName);
    return allowed ? undefined : `${part} must not import the package ${packageName}`;
  }
  if (specifier !== `@millrace/${packageNameOf(target)}`)
    return `${part} must import only what ${target} exports, found ${specifier}`;
  if (testOnlyParts.includes(target)) return `${part} must not import ${target}: only tests do`;
  if (rule.imports.includes(target) || rule.imports.includes(`${target.split('/')[0]}/*`)) return undefined;
  return `${part} must not import ${target}`;
}

function packageNameOf(part: string): string {
  const [kind, name] = part.split('/');
  return kind === 'apps' ? `app-${name}` : `${name}`;
}
