/** From files to commands: everything that can be said about a deployment before the engine sees it is said at once. */
import { createHash } from 'node:crypto';
import { type ExecutableProcess, jobOf, readModel } from '@millrace/bpmn';
import { jobTopicCollision, jobTypeProblem } from '@millrace/bus';
import { Problem, type ProblemIssue } from '@millrace/contract';
import { checkExpression, checkTimer } from '@millrace/feel';
import type { Deploy } from '@millrace/records';
import type { DefinitionReader } from '@millrace/runtime';

export interface DeploymentFile {
  readonly name: string;
  readonly content: Buffer;
}

export interface CheckedDeployment {
  readonly commands: readonly Deploy[];
  readonly warnings: readonly ProblemIssue[];
}

interface ReadFile {
  readonly name: string;
  readonly xml: string;
  readonly processes: readonly ExecutableProcess[];
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Throws a problem that lists all that is wrong with any of the files; then nothing of them is deployed. */
export async function checkDeployment(
  files: readonly DeploymentFile[],
  definitions: DefinitionReader,
): Promise<CheckedDeployment> {
  const issues: ProblemIssue[] = [];
  const read: ReadFile[] = [];
  for (const file of files) {
    const xml = textOf(file);
    if (xml === undefined) {
      issues.push({ file: file.name, rule: 'utf-8', severity: 'error', message: 'expected XML in UTF-8' });
      continue;
    }
    const { processes, problems } = await readModel(xml, { checkExpression, checkTimer });
    issues.push(...problems.map((problem) => ({ file: file.name, ...problem })));
    read.push({ name: file.name, xml, processes });
  }
  issues.push(...duplicates(read), ...jobTypeIssues(read, definitions));

  const errors = issues.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    const isXml = !errors.every(({ rule }) => rule === 'xml' || rule === 'utf-8');
    const first = errors[0] as ProblemIssue;
    const where = [first.file, first.elementId].filter((part) => part !== undefined).join(', ');
    const rest = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
    throw new Problem(isXml ? 'DEPLOYMENT_REFUSED' : 'NOT_XML', `${where}: ${first.message}${rest}`, { issues });
  }
  return { commands: read.map(commandOf), warnings: issues };
}

function textOf({ content }: DeploymentFile): string | undefined {
  try {
    return utf8.decode(content);
  } catch {
    return undefined;
  }
}

function commandOf({ name, xml, processes }: ReadFile): Deploy {
  return {
    kind: 'deploy',
    version: 1,
    resourceName: name,
    xml,
    digest: createHash('sha256').update(xml).digest('hex'),
    processes: processes.map((model) => ({
      processId: model.id,
      ...(model.name === '' ? {} : { name: model.name }),
      model,
    })),
  };
}

function duplicates(files: readonly ReadFile[]): ProblemIssue[] {
  const seen = new Map<string, string>();
  const issues: ProblemIssue[] = [];
  for (const { name, processes } of files) {
    for (const { id } of processes) {
      const other = seen.get(id);
      if (other !== undefined) {
        const message = `expected a process id once in a deployment, found "${id}" in ${other} too`;
        issues.push({ file: name, elementId: id, rule: 'duplicate-process', severity: 'error', message });
      }
      seen.set(id, name);
    }
  }
  return issues;
}

/** A job type becomes a topic: it must be able to, and no other type may become the same one (DESIGN §7). */
function jobTypeIssues(files: readonly ReadFile[], definitions: DefinitionReader): ProblemIssue[] {
  const deployed = new Set<string>();
  for (const { model } of definitions.all()) for (const { type } of jobTypesOf(model)) deployed.add(type);
  const issues: ProblemIssue[] = [];
  for (const { name, processes } of files) {
    for (const { elementId, type } of processes.flatMap(jobTypesOf)) {
      const message = jobTypeProblem(type) ?? collision(deployed, type);
      if (message === undefined) deployed.add(type);
      else issues.push({ file: name, elementId, rule: 'job-type', severity: 'error', message });
    }
  }
  return issues;
}

function collision(deployed: ReadonlySet<string>, type: string): string | undefined {
  if (deployed.has(type)) return undefined;
  const found = jobTopicCollision([...deployed, type]);
  return found === undefined || found.second !== type
    ? undefined
    : `expected a job type with a topic of its own, found "${type}", whose topic is that of "${found.first}"`;
}

function jobTypesOf(model: ExecutableProcess): { elementId: string; type: string }[] {
  return Object.values(model.elements).flatMap((node) => {
    const type = jobOf(node)?.type;
    return type?.kind === 'literal' ? [{ elementId: node.id, type: type.value }] : [];
  });
}
