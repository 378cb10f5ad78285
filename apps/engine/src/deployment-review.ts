/** What a deployment refers to outside itself: may be there later, so that it is a warning and not an error. */
import { type ExecutableProcess, type FlowNode, jobOf, type Mapping } from '@millrace/bpmn';
import type { PluginAnnouncement, ProblemIssue } from '@millrace/contract';
import { ownDecisions } from '@millrace/dmn';
import type { ReadFile } from './deployment-file.ts';

/** What is known beside the files. */
export interface Surroundings {
  hasProcess(id: string): boolean;
  hasDecision(id: string): boolean;
  hasForm(id: string): boolean;
  plugin(type: string): PluginAnnouncement | undefined;
}

export function reviewDeployment(files: readonly ReadFile[], known: Surroundings): ProblemIssue[] {
  const own = { processes: new Set<string>(), decisions: new Set<string>(), forms: new Set<string>() };
  for (const file of files) {
    if (file.kind === 'bpmn') for (const { id } of file.processes) own.processes.add(id);
    else if (file.kind === 'dmn') for (const { id } of ownDecisions(file.model)) own.decisions.add(id);
    else own.forms.add(file.formId);
  }
  const issues: ProblemIssue[] = [];
  for (const file of files) {
    if (file.kind !== 'bpmn') continue;
    for (const { elements } of file.processes) {
      for (const node of Object.values(elements)) {
        for (const found of reviewNode(node, own, known)) {
          // What an action does is in no diagram: its node is.
          const elementId = node.actionOf ?? node.id;
          issues.push({ file: file.name, elementId, severity: 'warning', ...found });
        }
      }
    }
  }
  return [...issues, ...callRings(files)];
}

type Found = Pick<ProblemIssue, 'rule' | 'message' | 'mend'> & { readonly message: string };

interface Own {
  readonly processes: ReadonlySet<string>;
  readonly decisions: ReadonlySet<string>;
  readonly forms: ReadonlySet<string>;
}

function* reviewNode(node: FlowNode, own: Own, known: Surroundings): Iterable<Found> {
  const processId = calledProcess(node);
  if (processId !== undefined && !own.processes.has(processId) && !known.hasProcess(processId)) {
    const message = `"${node.id}" calls the process "${processId}", which is not deployed`;
    yield { rule: 'unknown-process', message, mend: 'Deploy the process too, before an instance gets there.' };
  }
  const decisionId = calledDecision(node);
  if (decisionId !== undefined && !own.decisions.has(decisionId) && !known.hasDecision(decisionId)) {
    const message = `"${node.id}" asks for the decision "${decisionId}", which is not deployed`;
    yield { rule: 'unknown-decision', message, mend: 'Deploy the decision too, before an instance gets there.' };
  }
  const formId = node.kind === 'userTask' ? node.form?.formId : undefined;
  if (formId !== undefined && !own.forms.has(formId) && !known.hasForm(formId)) {
    const message = `"${node.id}" shows the form "${formId}", which is not deployed`;
    yield { rule: 'unknown-form', message, mend: 'Deploy the form too.' };
  }
  yield* reviewJob(node, known);
}

function calledProcess(node: FlowNode): string | undefined {
  return node.kind === 'callActivity' && node.processId.kind === 'literal' ? node.processId.value : undefined;
}

function calledDecision(node: FlowNode): string | undefined {
  if (!('action' in node) || node.action.kind !== 'decision') return undefined;
  const { decisionId } = node.action;
  return decisionId.kind === 'literal' ? decisionId.value : undefined;
}

function* reviewJob(node: FlowNode, known: Surroundings): Iterable<Found> {
  const type = jobOf(node)?.type;
  if (type?.kind !== 'literal') return;
  const plugin = known.plugin(type.value);
  if (plugin === undefined) {
    const message = `no plugin for "${type.value}", the job type of "${node.id}", has announced itself`;
    yield { rule: 'no-plugin', message, mend: 'Start the plugin; until then the jobs wait on its topic.' };
    return;
  }
  const wrong = plugin.input === undefined ? undefined : whyInputMisfits(node.inputs, plugin.input);
  if (wrong === undefined) return;
  const message = `the plugin "${type.value}" of "${node.id}" ${wrong}`;
  yield { rule: 'plugin-input', message, mend: 'Map the inputs that the plugin has announced.' };
}

/** What can be told without running: names. Without mappings a plugin gets all that is visible, and nobody can say what that is. */
function whyInputMisfits(inputs: readonly Mapping[], schema: Readonly<Record<string, unknown>>): string | undefined {
  if (inputs.length === 0 || schema['type'] !== 'object') return undefined;
  const given = new Set(inputs.map(({ target }) => target[0]));
  const required = listOf(schema['required']);
  const missing = required.filter((name) => !given.has(name));
  if (missing.length > 0) return `needs ${names(missing)}, which no input mapping gives`;
  if (schema['additionalProperties'] !== false) return undefined;
  const properties = new Set(Object.keys((schema['properties'] as object | undefined) ?? {}));
  const extra = [...given].filter((name) => !properties.has(name));
  return extra.length === 0 ? undefined : `does not take ${names(extra)}, which an input mapping gives`;
}

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function names(all: readonly string[]): string {
  return all.map((name) => `"${name}"`).join(', ');
}

/** Processes of the deployment that call each other in a ring, whatever the conditions on the way. */
function callRings(files: readonly ReadFile[]): ProblemIssue[] {
  const calls = new Map<string, { readonly file: string; readonly calls: readonly { id: string; to: string }[] }>();
  for (const file of files) {
    if (file.kind !== 'bpmn') continue;
    for (const process of file.processes) calls.set(process.id, { file: file.name, calls: callsOf(process) });
  }
  const issues: ProblemIssue[] = [];
  for (const [processId, { file, calls: own }] of calls) {
    for (const { id, to } of own) {
      if (!leadsTo(calls, to, processId)) continue;
      const message = `the call activity "${id}" of "${processId}" leads back to "${processId}": calls are bounded in depth`;
      const mend = 'Make sure that a condition ends the recursion.';
      issues.push({ file, elementId: id, rule: 'call-ring', severity: 'warning', message, mend });
    }
  }
  return issues;
}

function callsOf({ elements }: ExecutableProcess): { id: string; to: string }[] {
  return Object.values(elements).flatMap((node) => {
    const to = calledProcess(node);
    return to === undefined ? [] : [{ id: node.actionOf ?? node.id, to }];
  });
}

function leadsTo(
  calls: ReadonlyMap<string, { readonly calls: readonly { to: string }[] }>,
  from: string,
  to: string,
): boolean {
  const open = [from];
  const seen = new Set<string>();
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (id === to) return true;
    if (seen.has(id)) continue;
    seen.add(id);
    for (const call of calls.get(id)?.calls ?? []) open.push(call.to);
  }
  return false;
}
