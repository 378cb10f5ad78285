/** One file of a deployment: which kind it is, and what is in it. */
import { type ExecutableProcess, mendingOf, readModel } from '@millrace/bpmn';
import { limits, type ProblemIssue, parseJson } from '@millrace/contract';
import { type DecisionModel, readDecisions } from '@millrace/dmn';
import { checkExpression, checkTimer } from '@millrace/feel';

interface File {
  readonly name: string;
  readonly content: string;
}

export type ReadFile =
  | (File & { readonly kind: 'bpmn'; readonly processes: readonly ExecutableProcess[] })
  | (File & { readonly kind: 'dmn'; readonly model: DecisionModel; readonly imported: readonly string[] })
  | (File & { readonly kind: 'form'; readonly formId: string });

export interface FileReading {
  /** Absent when there is nothing to deploy in it; the issues say why. */
  readonly read?: ReadFile;
  readonly issues: readonly ProblemIssue[];
}

/** `others`: the texts of the DMN files that are deployed together with it, which it may import. */
export async function readFile(name: string, content: string, others: readonly string[]): Promise<FileReading> {
  const kind = kindOf(name, content);
  if (kind === 'form') return readForm(name, content);
  if (kind === 'dmn') {
    const { decisions: model, problems, imported } = await readDecisions(content, { others });
    const issues = problems.map((problem) => ({ file: name, ...problem }));
    return { ...(model === undefined ? {} : { read: { kind, name, content, model, imported } }), issues };
  }
  const { processes, problems } = await readModel(content, { checkExpression, checkTimer });
  return {
    read: { kind, name, content, processes },
    issues: problems.map((problem) => ({ file: name, ...problem, mend: mendingOf(problem.rule) })),
  };
}

/** The name may say it; otherwise what the text begins with does. */
export function kindOf(name: string, content: string): ReadFile['kind'] {
  if (/\.(form|json)$/i.test(name)) return 'form';
  if (/\.dmn$/i.test(name)) return 'dmn';
  if (/\.bpmn$/i.test(name)) return 'bpmn';
  if (/^\s*\{/.test(content)) return 'form';
  return /https?:\/\/www\.omg\.org\/spec\/DMN\//.test(content.slice(0, HEAD_LENGTH)) ? 'dmn' : 'bpmn';
}

/** A namespace is declared on the root element. */
const HEAD_LENGTH = 4_000;

function readForm(name: string, content: string): FileReading {
  const refuse = (message: string): FileReading => ({
    issues: [{ file: name, rule: 'form', severity: 'error', message }],
  });
  const parsed = parseJson(content);
  if ('fault' in parsed) return refuse(`expected a form as JSON: ${parsed.fault.message}`);
  const { value } = parsed;
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined;
  if (typeof id !== 'string' || id === '' || id.length > limits.nameLengthMax) {
    return refuse(`expected a form to be a JSON object with an "id" of 1 to ${limits.nameLengthMax} characters`);
  }
  return { read: { kind: 'form', name, content, formId: id }, issues: [] };
}
