import type { TaskChanges } from './commands.ts';
import type { Variables } from './envelope.ts';
import type { EventEnvelope } from './events.ts';
import type { TaskForm } from './task-events.ts';
import type { InstanceId, Key } from './ids.ts';

/**
 * Listeners are jobs that an element waits for on its way: before and after its work (`beforeAll` before all times of one that is
 * done several times), and before a change to its user task is made.
 */
export type ExecutionListenerEvent = 'beforeAll' | 'start' | 'end';
export type TaskListenerEvent = 'creating' | 'assigning' | 'updating' | 'completing' | 'canceling';
export type ListenerEventName = ExecutionListenerEvent | TaskListenerEvent;

/** Which listener of the element is asked, and what it goes on with when the last one has answered. */
export interface Listening {
  readonly on: ListenerEventName;
  /** Its place among the listeners of the event, from 0. */
  readonly place: number;
  /** What an event has brought that the element begins with. */
  readonly brought?: Variables;
  /** The event that the element would wait for has come already. */
  readonly hasOccurred?: true;
  /** Of a process that has not begun: its start event. */
  readonly startEventId?: string;
  /** Of a process that is over: how. */
  readonly endsAs?: 'completed' | 'terminated';
  /** Of a user task: the change that waits. */
  readonly transition?: TaskTransition;
}

export interface TaskTransition {
  readonly action: 'create' | 'claim' | 'unclaim' | 'assign' | 'update' | 'complete' | 'cancel';
  /** What is to change. */
  readonly changes: TaskChanges;
  /** What its listeners have said should be otherwise. */
  readonly corrections?: TaskChanges;
  /** The result that the task is completed with. */
  readonly variables?: Variables;
  /** Listeners of this event follow those that are asked now. */
  readonly next?: TaskListenerEvent;
  /** Whoever waits to hear what becomes of it. */
  readonly requestId?: string;
}

/** A user task as its listeners see it. */
export interface TaskAttributes {
  readonly assignee?: string;
  readonly candidateGroups: readonly string[];
  readonly candidateUsers: readonly string[];
  readonly dueDate?: string;
  readonly followUpDate?: string;
  readonly priority?: number;
  readonly form?: TaskForm;
}

export type ListenerEvent = ListenerCalled | ListenersDone | TaskNoted | TaskDenied;

interface OfElement extends EventEnvelope {
  readonly instanceId: InstanceId;
  readonly elementId: string;
  readonly elementKey: Key;
}

/** A listener is asked, by the job that follows. With `place` beyond 0 it says only what is new since the one before. */
export interface ListenerCalled extends OfElement, Listening {
  readonly kind: 'listener.called';
}

/** All have answered: the element goes on. */
export interface ListenersDone extends OfElement {
  readonly kind: 'listeners.done';
  readonly on: ListenerEventName;
}

/** How the task is from now on, for its listeners; without attributes it is completed, and has none any more. */
export interface TaskNoted extends OfElement {
  readonly kind: 'task.noted';
  readonly attributes?: TaskAttributes;
}

/** The change is not made: a listener has refused it, or the task has ended meanwhile. It carries the `requestId` of who asked. */
export interface TaskDenied extends OfElement {
  readonly kind: 'task.denied';
  readonly action: TaskTransition['action'];
  readonly reason: string;
}
