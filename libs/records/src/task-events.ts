import type { TaskChanges } from './commands.ts';
import type { Variables } from './envelope.ts';
import type { OfElement } from './events.ts';
import type { Key } from './ids.ts';

// The key of a task is that of its element.

export interface TaskCreated extends OfElement {
  readonly kind: 'task.created';
  readonly name: string;
  readonly assignee?: string;
  readonly candidateGroups: readonly string[];
  readonly candidateUsers: readonly string[];
  /** What can be done with it through the action call. */
  readonly action: string;
  readonly form?: TaskForm;
  readonly headers: Readonly<Record<string, string>>;
  readonly dueDate?: string;
  readonly followUpDate?: string;
  readonly priority?: number;
  /** Variables local to the scopes around it and to itself, the item of a loop among them. */
  readonly local?: readonly { readonly scopeKey: Key; readonly values: Variables }[];
}

export interface TaskForm {
  readonly formId?: string;
  /** Of a form that was deployed when the task was created. */
  readonly version?: number;
  readonly formKey?: string;
  readonly externalReference?: string;
}

export interface TaskClaimed extends OfElement {
  readonly kind: 'task.claimed';
  readonly assignee: string;
}

export interface TaskUnclaimed extends OfElement {
  readonly kind: 'task.unclaimed';
}

export interface TaskUpdated extends OfElement {
  readonly kind: 'task.updated';
  readonly changes: TaskChanges;
}

export interface TaskCompleted extends OfElement {
  readonly kind: 'task.completed';
}

export interface TaskCancelled extends OfElement {
  readonly kind: 'task.cancelled';
}
