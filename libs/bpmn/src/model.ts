import type {
  Assignment,
  CancelAction,
  CompensateAction,
  DecisionAction,
  ErrorAction,
  EscalationAction,
  Form,
  JobAction,
  LinkAction,
  Listeners,
  MessageAction,
  MultipleAction,
  NoAction,
  PublishAction,
  ScriptAction,
  SignalAction,
  TaskListeners,
  TerminateAction,
} from './model-actions.ts';
import type { Loop } from './model-loops.ts';
import type { Back, EventPart, NodeAction } from './model-node-actions.ts';
import type {
  AttachedTrigger,
  ConditionTrigger,
  LinkTrigger,
  MessageTrigger,
  MultipleTrigger,
  NoTrigger,
  ReplyTrigger,
  SignalTrigger,
  StartMessageTrigger,
  TimerTrigger,
} from './model-triggers.ts';

/**
 * The executable model: what is left of a BPMN file when everything that only a person looks at is taken away.
 *
 * M1. Plain, deeply frozen, JSON-serialisable data: `JSON.parse(JSON.stringify(process))` is the same process.
 * M2. Every id that appears (flow, element, `attachedTo`, `defaultFlow`) exists in the same process: no lookup can miss.
 * M3. Ids are never names that objects inherit (`constructor`, `__proto__`): looking up an unknown id gives undefined.
 * M4. FEEL texts have passed the syntax check, literal timers and retries are valid: what can still fail at run time
 *     is what depends on variables.
 */

/** What the process and each of its sub-processes have: elements of their own, one level of them. */
export interface Scope {
  /** Of this level. A sub-process has exactly one, with the trigger `none`. Of a process: start events, instantiating receive
   *  tasks, and the events behind instantiating gateways (BPMN 2.0.2 §10.5.6); at most one has the trigger `none`, and one
   *  that only messages or timers start may have no such event. */
  readonly startEvents: readonly string[];
  /** Sub-processes of this level that events start while the scope runs. Absent when there are none. */
  readonly eventSubProcesses?: readonly string[];
}

export interface ExecutableProcess extends Scope {
  readonly id: string;
  readonly name: string;
  readonly versionTag?: string;
  /** `millrace:expiry`: an ISO 8601 duration after which an instance ends, whatever it still does. */
  readonly expiresAfter?: string;
  /** Before an instance begins, and when it is over. */
  readonly listeners?: Pick<Listeners, 'start' | 'end'>;
  /** Where a call is bound to the deployment: the versions of the processes that were deployed with this one. Set when it is. */
  readonly deployedWith?: Readonly<Record<string, number>>;
  /** The same of decisions. */
  readonly decisionsDeployedWith?: Readonly<Record<string, number>>;
  /** The same of forms. */
  readonly formsDeployedWith?: Readonly<Record<string, number>>;
  /** Of every level, since ids are unique in a BPMN file; `scope` says which one. */
  readonly elements: Readonly<Record<string, FlowNode>>;
  readonly flows: Readonly<Record<string, SequenceFlow>>;
  /** Boundary events by the activity they are attached to, in document order. An activity without any is absent. */
  readonly boundaryEvents: Readonly<Record<string, readonly string[]>>;
}

/** Zeebe's rule: an attribute that starts with `=` is FEEL (`text` is what follows the `=`), any other is itself. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: string }
  | { readonly kind: 'feel'; readonly text: string };

export interface SequenceFlow {
  readonly id: string;
  readonly name?: string;
  readonly source: string;
  readonly target: string;
  /** FEEL text, without the leading `=`. Only flows out of activities, exclusive, inclusive and complex gateways have one. */
  readonly condition?: string;
}

/** `source` is evaluated in one scope and written to `target` of the other: a path, as `customer.name` in the model. */
export interface Mapping {
  readonly source: Expression;
  readonly target: readonly [string, ...string[]];
}

export type FlowNode =
  | StartEvent
  | EndEvent
  | IntermediateCatchEvent
  | IntermediateThrowEvent
  | BoundaryEvent
  | ServiceTask
  | SendTask
  | ReceiveTask
  | UserTask
  | ScriptTask
  | BusinessRuleTask
  | PassThroughTask
  | SubProcess
  | EventSubProcess
  | CallActivity
  | AdHocSubProcess
  | ExclusiveGateway
  | ParallelGateway
  | InclusiveGateway
  | ComplexGateway
  | EventBasedGateway
  | EventPart;

export type FlowNodeKind = FlowNode['kind'];

export interface Node {
  readonly id: string;
  readonly name?: string;
  /** The sub-process around it; absent at the top level. Sequence flows connect elements of one scope. */
  readonly scope?: string;
  /** Sequence flow ids in document order. No outgoing flow means that the token ends here. Several are all taken, but for
   *  those whose condition does not hold; a gateway may choose otherwise. */
  readonly incoming: readonly string[];
  readonly outgoing: readonly string[];
  /** Of an activity, an exclusive or an inclusive gateway: taken when no condition holds. */
  readonly defaultFlow?: string;
  /** Of an activity: it is done several times before its token goes on. */
  readonly loop?: Loop;
  /** The names of the lanes it lies in, outer ones first; those of its sub-process when it is in none itself. */
  readonly lanes?: readonly string[];
  /** Jobs that it waits for before and after its work. */
  readonly listeners?: Listeners;
  /** Of an activity: it undoes another. No flow leads to it. */
  readonly isForCompensation?: true;
  /** `millrace:action`s, in their order. It goes on when its own work is done and those that are mandatory are executed. */
  readonly actions?: readonly NodeAction[];
  /** It is what an action of that node does: its executions run within the node. No flow leads to it. */
  readonly actionOf?: string;
  /** `millrace:stage`: the part of the process that a token is in from here on. */
  readonly stage?: string;
  /** `millrace:milestone`: reached when the element completes. */
  readonly milestone?: string;
  /** `millrace:back`: a token that has passed it may come back. */
  readonly back?: Back;
  /** Without input mappings the element sees the process variables as they are. */
  readonly inputs: readonly Mapping[];
  /** Without output mappings every variable of a result goes to the process; with them only what they name. */
  readonly outputs: readonly Mapping[];
}

export interface StartEvent extends Node {
  readonly kind: 'startEvent';
  readonly trigger: NoTrigger | StartMessageTrigger | AttachedTrigger | MultipleTrigger;
  /** Of an event sub-process: whether all else that runs in the scope around it ends. */
  readonly interrupting?: boolean;
}

export interface EndEvent extends Node {
  readonly kind: 'endEvent';
  readonly action:
    | NoAction
    | ErrorAction
    | EscalationAction
    | CompensateAction
    | CancelAction
    | TerminateAction
    | JobAction
    | PublishAction
    | MessageAction
    | SignalAction
    | MultipleAction;
}

export interface IntermediateCatchEvent extends Node {
  readonly kind: 'intermediateCatchEvent';
  readonly trigger:
    | MessageTrigger
    | ReplyTrigger
    | TimerTrigger
    | SignalTrigger
    | ConditionTrigger
    | LinkTrigger
    | MultipleTrigger;
}

export interface IntermediateThrowEvent extends Node {
  readonly kind: 'intermediateThrowEvent';
  readonly action:
    | NoAction
    | EscalationAction
    | CompensateAction
    | JobAction
    | PublishAction
    | MessageAction
    | SignalAction
    | LinkAction
    | MultipleAction;
}

export interface BoundaryEvent extends Node {
  readonly kind: 'boundaryEvent';
  readonly attachedTo: string;
  readonly interrupting: boolean;
  readonly trigger: AttachedTrigger | MultipleTrigger;
  /** Of a compensation event: the activity that undoes what the event is attached to. */
  readonly handler?: string;
}

export interface ServiceTask extends Node {
  readonly kind: 'serviceTask';
  readonly action: JobAction;
}

export interface SendTask extends Node {
  readonly kind: 'sendTask';
  /** `none`: its actions are what it sends. */
  readonly action: JobAction | PublishAction | MessageAction | NoAction;
}

export interface ReceiveTask extends Node {
  readonly kind: 'receiveTask';
  /** Its message starts the process; the name is a literal, and no flow leads to it. */
  readonly instantiate?: true;
  readonly trigger: MessageTrigger | ReplyTrigger;
}

export interface UserTask extends Node {
  readonly kind: 'userTask';
  readonly assignment: Assignment;
  readonly form?: Form;
  /** `zeebe:taskHeaders`: constants for whoever shows the task. */
  readonly headers: Readonly<Record<string, string>>;
  /** `zeebe:taskListeners`: jobs that a change to the task waits for. */
  readonly taskListeners?: TaskListeners;
}

export interface ScriptTask extends Node {
  readonly kind: 'scriptTask';
  readonly action: ScriptAction | JobAction;
}

export interface BusinessRuleTask extends Node {
  readonly kind: 'businessRuleTask';
  readonly action: DecisionAction | JobAction;
}

/** `bpmn:task` and `bpmn:manualTask`: the engine passes through. */
export interface PassThroughTask extends Node {
  readonly kind: 'task' | 'manualTask';
}

/** `bpmn:subProcess`: embedded, begun by a token; or `bpmn:transaction`, which can be cancelled besides. */
export interface SubProcess extends Node, Scope {
  readonly kind: 'subProcess' | 'transaction';
}

/** `bpmn:subProcess` with `triggeredByEvent`: no flow leads to it or out of it. Its one start event has a trigger. */
export interface EventSubProcess extends Node, Scope {
  readonly kind: 'eventSubProcess';
}

/** `bpmn:adHocSubProcess`: what of it runs is said when it begins, and by command while it runs. It has no start events. */
export interface AdHocSubProcess extends Node, Scope {
  readonly kind: 'adHocSubProcess';
  /** A FEEL list of ids of its elements that begin with it. */
  readonly activeElements?: Expression;
  /** FEEL text, asked whenever a token in it has ended. Without one it is over when nothing runs in it. */
  readonly completionCondition?: string;
  /** What still runs when the condition holds is ended; otherwise it is waited for. */
  readonly cancelsRemaining: boolean;
  /** One after the other: what is to begin waits until nothing runs. */
  readonly isSequential?: true;
  /** The variable that gets what `outputElement` gave each time that something it has begun is over. Both or none are there. */
  readonly outputCollection?: string;
  readonly outputElement?: Expression;
  /** `zeebe:taskDefinition`: a job that says what begins, offered at first and whenever something is over. */
  readonly job?: JobAction;
  /** With a job: what it can begin, as it sees that. */
  readonly choices?: readonly AdHocChoice[];
}

/** An element of an ad-hoc sub-process that can be begun, as Zeebe's `adHocSubProcessElements` has it. */
export interface AdHocChoice {
  readonly elementId: string;
  readonly elementName?: string;
  readonly documentation?: string;
  /** `zeebe:properties`. */
  readonly properties?: Readonly<Record<string, string>>;
}

/** `zeebe:calledElement`: an instance of another process, whose end is its own. */
export interface CallActivity extends Node {
  readonly kind: 'callActivity';
  readonly processId: Expression;
  readonly binding: Binding;
  /** Without one the called instance has the business key of its caller. */
  readonly businessKey?: Expression;
  /** The called instance gets all that is visible here; otherwise what the input mappings give. */
  readonly passesAllIn: boolean;
  /** Without output mappings: all variables of the called instance become variables here; otherwise none. */
  readonly passesAllOut: boolean;
}

/** Which version is meant. */
export type Binding =
  | { readonly kind: 'latest' }
  /** The one that was deployed together with this process. */
  | { readonly kind: 'deployment' }
  /** The latest with this tag. */
  | { readonly kind: 'versionTag'; readonly versionTag: string };

export interface ExclusiveGateway extends Node {
  readonly kind: 'exclusiveGateway';
}

export interface ParallelGateway extends Node {
  readonly kind: 'parallelGateway';
}

/** With several incoming flows it joins (BPMN 2.0.2 §13.4.3): it waits while a token could still come on another flow. */
export interface InclusiveGateway extends Node {
  readonly kind: 'inclusiveGateway';
}

/** Joins as many tokens as its condition asks for, and takes those that come after them out of the way (BPMN 2.0.2 §13.4.5). */
export interface ComplexGateway extends Node {
  readonly kind: 'complexGateway';
  /** FEEL, asked whenever a token has come: over `activationCount`, how many incoming flows have a token, and `activationCounts`,
   *  how many each has, by flow. Absent with one incoming flow: then it only splits, as an inclusive gateway does. */
  readonly activationCondition?: string;
}

/** Every outgoing flow leads to an intermediate catch event or a receive task: the first event takes the token. */
export interface EventBasedGateway extends Node {
  readonly kind: 'eventBasedGateway';
  /** It starts the process (BPMN 2.0.2 §13.2): by the first of its messages, or by the first while it waits for the rest. */
  readonly instantiate?: 'exclusive' | 'parallel';
}
