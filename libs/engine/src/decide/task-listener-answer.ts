import type { TaskChanges, TaskListenerEvent, Variables } from '@millrace/records';
import { whatIsWrong } from './tasks.ts';

export type TaskAnswer =
  | { readonly denied: string }
  | { readonly corrections: TaskChanges }
  /** Why it is none: the attempt counts as failed. */
  | { readonly wrong: string };

const deniable: ReadonlySet<TaskListenerEvent> = new Set(['assigning', 'updating', 'completing']);
const words: ReadonlySet<string> = new Set(['denied', 'deniedReason', 'corrections']);

type Check = (value: unknown) => boolean;
const isText: Check = (value) => typeof value === 'string' || value === null;
const isList: Check = (value) => Array.isArray(value) && value.every((item) => typeof item === 'string');
const isNumber: Check = (value) => typeof value === 'number' || value === null;

const attributes: ReadonlyMap<string, readonly [is: Check, what: string]> = new Map([
  ['assignee', [isText, 'a text or null']],
  ['candidateGroups', [isList, 'a list of texts']],
  ['candidateUsers', [isList, 'a list of texts']],
  ['dueDate', [isText, 'a text or null']],
  ['followUpDate', [isText, 'a text or null']],
  ['priority', [isNumber, 'a number or null']],
]);

/**
 * What the listener of a task answers: `{ "denied": true, "deniedReason": … }`, or `{ "corrections": { … } }` with what of the task is
 * to be otherwise, null for nothing. It brings no variables. `isAssigned`: the model has given an assignee already.
 */
export function readTaskAnswer(answer: Variables, on: TaskListenerEvent, isAssigned: boolean): TaskAnswer {
  const { denied = false, deniedReason = '', corrections = {} } = answer;
  const unknown = Object.keys(answer).find((name) => !words.has(name));
  if (unknown !== undefined) {
    return wrong(`no more than denied, deniedReason and corrections, found "${unknown}": it brings no variables`);
  }
  if (typeof denied !== 'boolean') return wrong('denied as true or false');
  if (typeof deniedReason !== 'string') return wrong('deniedReason as a text');
  if (typeof corrections !== 'object' || corrections === null || Array.isArray(corrections)) {
    return wrong('corrections as an object');
  }
  const misfit = denied ? whyNotDenied(on, corrections) : whyNotCorrected(on, corrections, isAssigned);
  if (misfit !== undefined) return wrong(misfit);
  if (denied) return { denied: deniedReason === '' ? `a listener of ${on} has denied it` : deniedReason };
  return { corrections };
}

function wrong(expected: string): TaskAnswer {
  return { wrong: `expected a task listener to answer with ${expected}` };
}

function whyNotDenied(on: TaskListenerEvent, corrections: object): string | undefined {
  if (!deniable.has(on)) return `no denial: ${on} cannot be denied`;
  return Object.keys(corrections).length > 0 ? 'either denied or corrections, found both' : undefined;
}

function whyNotCorrected(on: TaskListenerEvent, corrections: TaskChanges, isAssigned: boolean): string | undefined {
  for (const [name, value] of Object.entries(corrections)) {
    const [is, what] = attributes.get(name) ?? [];
    if (is === undefined) return `corrections of ${[...attributes.keys()].join(', ')}, found "${name}"`;
    if (!is(value)) return `a correction of ${name} that is ${what}, found ${JSON.stringify(value)}`;
  }
  if (on === 'creating' && isAssigned && corrections.assignee !== undefined) {
    return 'no correction of the assignee: the model gives one, which listeners of assigning can correct';
  }
  const misfit = Object.keys(corrections).length === 0 ? undefined : whatIsWrong(corrections);
  return misfit === undefined ? undefined : `sensible corrections: ${misfit}`;
}
