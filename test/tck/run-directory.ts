import { readFile, readdir } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { type DecisionModel, readDecisions } from '@millrace/dmn';
import { runCase, runUnreadable } from './run-case.ts';
import { type TestFile, readTestFile } from './test-cases.ts';

/** What came of one test case. `fault` says why it failed. */
export interface Outcome {
  /** The folder of the file, from the directory of the TCK: `compliance-level-2/0004-simpletable-U`. */
  readonly folder: string;
  readonly caseId: string;
  readonly fault?: string;
}

/** Runs every test case in a directory, in the order of the files' names. `now` is what `now()` and `today()` answer. */
export async function runDirectory(directory: string, now: number): Promise<Outcome[]> {
  const files = (await readdir(directory, { recursive: true })).filter((file) => file.endsWith('.xml')).sort();
  const outcomes: Outcome[] = [];
  for (const file of files) outcomes.push(...(await runFile(directory, join(directory, file), now)));
  return outcomes;
}

async function runFile(directory: string, path: string, now: number): Promise<Outcome[]> {
  const folder = relative(directory, dirname(path));
  const outcome = (caseId: string, fault: string | undefined): Outcome => ({
    folder,
    caseId,
    ...(fault === undefined ? {} : { fault }),
  });
  let file: TestFile | undefined;
  try {
    file = readTestFile(await readFile(path, 'utf8'));
  } catch (error) {
    return [outcome(relative(dirname(path), path), `could not be read: ${String(error)}`)];
  }
  if (file === undefined) return [];
  const model = await readModel(join(dirname(path), file.modelName));
  return file.cases.map((testCase) =>
    outcome(testCase.id, 'why' in model ? runUnreadable(testCase, model.why) : runCase(model.decisions, testCase, now)),
  );
}

/** What a model imports lies beside it, or in folders there. */
async function modelsBeside(path: string): Promise<string[]> {
  const directory = dirname(path);
  const files = (await readdir(directory, { recursive: true })).filter((file) => file.endsWith('.dmn')).sort();
  const others = files.map((file) => join(directory, file)).filter((file) => file !== path);
  return Promise.all(others.map((file) => readFile(file, 'utf8')));
}

async function readModel(path: string): Promise<{ readonly decisions: DecisionModel } | { readonly why: string }> {
  let xml: string;
  try {
    xml = await readFile(path, 'utf8');
  } catch {
    return { why: `expected a model in the file ${path}` };
  }
  const { decisions, problems } = await readDecisions(xml, { isTolerant: true, others: await modelsBeside(path) });
  if (decisions !== undefined) return { decisions };
  const errors = problems.filter(({ severity }) => severity === 'error').map(({ message }) => message);
  return { why: `the model could not be read: ${errors.join('; ')}` };
}
