/** From files to a command: everything that can be said about a deployment before the engine sees it is said at once. */
import { createHash } from 'node:crypto';
import { type ExecutableProcess, jobOf, listenersOf } from '@millrace/bpmn';
import { jobTopicCollision, jobTypeProblem } from '@millrace/bus';
import { Problem, type ProblemIssue } from '@millrace/contract';
import { ownDecisions } from '@millrace/dmn';
import type { Deploy, ResourceToDeploy } from '@millrace/records';
import type { DefinitionReader, DeployedDefinition } from '@millrace/runtime';
import { type ReadFile, kindOf, readFile } from './deployment-file.ts';
import { type Surroundings, reviewDeployment } from './deployment-review.ts';
import type { PluginRegistry } from './plugin-registry.ts';

export interface DeploymentFile {
  readonly name: string;
  readonly content: Buffer;
}

export interface CheckedDeployment {
  readonly command: Deploy;
  readonly warnings: readonly ProblemIssue[];
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Throws a problem that lists all that is wrong with any of the files; then nothing of them is deployed. */
export async function checkDeployment(files: readonly DeploymentFile[], known: Known): Promise<CheckedDeployment> {
  const { read, issues } = await reviewFiles(files, known);
  const errors = issues.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    const isXml = !errors.every(({ rule }) => rule === 'xml' || rule === 'utf-8');
    const first = errors[0] as ProblemIssue;
    const where = [first.file, first.elementId].filter((part) => part !== undefined).join(', ');
    const rest = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
    throw new Problem(isXml ? 'DEPLOYMENT_REFUSED' : 'NOT_XML', `${where}: ${first.message}${rest}`, { issues });
  }
  return { command: { kind: 'deploy', version: 1, resources: read.map(resourceOf) }, warnings: issues };
}

/** What is deployed, and which plugins have announced themselves. */
export interface Known {
  readonly definitions: DefinitionReader;
  readonly plugins: Pick<PluginRegistry, 'get'>;
}

/** Everything that can be said about the files; without a server, nothing about what is deployed there. */
export async function reviewFiles(
  files: readonly DeploymentFile[],
  known?: Known,
): Promise<{ readonly read: readonly ReadFile[]; readonly issues: readonly ProblemIssue[] }> {
  const found: ProblemIssue[] = [];
  const read: ReadFile[] = [];
  const texts = files.map((file) => ({ name: file.name, content: textOf(file) }));
  const models = texts.flatMap(({ name, content }) =>
    content !== undefined && kindOf(name, content) === 'dmn' ? [content] : [],
  );
  for (const { name, content } of texts) {
    if (content === undefined) {
      found.push({ file: name, rule: 'utf-8', severity: 'error', message: 'expected text in UTF-8' });
      continue;
    }
    const others = models.filter((other) => other !== content);
    const result = await readFile(name, content, others);
    found.push(...result.issues);
    if (result.read !== undefined) read.push(result.read);
  }
  // A file that others import need not decide anything itself, and then there is nothing of it to deploy.
  const imported = new Set(read.flatMap((file) => (file.kind === 'dmn' ? file.imported : [])));
  const libraries = new Set(texts.flatMap(({ name, content = '' }) => (imported.has(content) ? [name] : [])));
  const issues = found.filter(({ rule, file = '' }) => rule !== 'no-decision' || !libraries.has(file));
  issues.push(...duplicates(read), ...jobTypeIssues(read, known?.definitions.all() ?? []));
  if (known !== undefined) issues.push(...reviewDeployment(read, surroundingsOf(known)));
  return { read, issues };
}

function surroundingsOf({ definitions, plugins }: Known): Surroundings {
  return {
    hasProcess: (id) => definitions.latest(id) !== undefined,
    hasDecision: (id) => definitions.resources.decision(id) !== undefined,
    hasForm: (id) => definitions.resources.form(id) !== undefined,
    plugin: (type) => plugins.get(type),
  };
}

function textOf({ content }: DeploymentFile): string | undefined {
  try {
    return utf8.decode(content);
  } catch {
    return undefined;
  }
}

function resourceOf(file: ReadFile): ResourceToDeploy {
  const { name, content } = file;
  const resource = { name, content, digest: digestOf([content]) };
  switch (file.kind) {
    case 'form':
      return { kind: 'form', ...resource, formId: file.formId };
    case 'dmn': {
      const { model, imported } = file;
      const decisions = ownDecisions(model).map(({ id, title }) => ({ decisionId: id, name: title }));
      const graph = { kind: 'dmn' as const, ...resource, graphId: model.id, decisions, model };
      return imported.length === 0 ? graph : { ...graph, digest: digestOf([content, ...imported]), imported };
    }
    default: {
      const processes = file.processes.map((model) => ({
        processId: model.id,
        ...(model.name === '' ? {} : { name: model.name }),
        model,
      }));
      return { kind: 'bpmn', ...resource, processes };
    }
  }
}

/** What is imported counts: when it changes, the decisions do. */
function digestOf(texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(text);
  return hash.digest('hex');
}

/** What would get two versions in one deployment, and nobody could say which is the later one. */
function duplicates(files: readonly ReadFile[]): ProblemIssue[] {
  const seen = new Map<string, string>();
  const issues: ProblemIssue[] = [];
  for (const file of files) {
    for (const [what, id] of identified(file)) {
      const other = seen.get(`${what} ${id}`);
      if (other !== undefined) {
        const message = `expected a ${what} id once in a deployment, found "${id}" in ${other} too`;
        issues.push({ file: file.name, elementId: id, rule: `duplicate-${what}`, severity: 'error', message });
      }
      seen.set(`${what} ${id}`, file.name);
    }
  }
  return issues;
}

function identified(file: ReadFile): (readonly [what: string, id: string])[] {
  switch (file.kind) {
    case 'form':
      return [['form', file.formId]];
    case 'dmn':
      return [
        ['decision-model', file.model.id],
        ...ownDecisions(file.model).map(({ id }) => ['decision', id] as const),
      ];
    default:
      return file.processes.map(({ id }) => ['process', id]);
  }
}

/** A job type becomes a topic: it must be able to, and no other type may become the same one (DESIGN §7). */
function jobTypeIssues(files: readonly ReadFile[], known: Iterable<DeployedDefinition>): ProblemIssue[] {
  const deployed = new Set<string>();
  for (const { model } of known) for (const { type } of jobTypesOf(model)) deployed.add(type);
  const issues: ProblemIssue[] = [];
  for (const file of files) {
    if (file.kind !== 'bpmn') continue;
    for (const { elementId, type } of file.processes.flatMap(jobTypesOf)) {
      const message = jobTypeProblem(type) ?? collision(deployed, type);
      if (message === undefined) deployed.add(type);
      else issues.push({ file: file.name, elementId, rule: 'job-type', severity: 'error', message });
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
  const ofNodes = Object.values(model.elements).map(
    (node) => [node.actionOf ?? node.id, [jobOf(node), ...listenersOf(node)]] as const,
  );
  return [[model.id, listenersOf(model)] as const, ...ofNodes].flatMap(([elementId, jobs]) =>
    jobs.flatMap((job) => (job?.type.kind === 'literal' ? [{ elementId, type: job.type.value }] : [])),
  );
}
