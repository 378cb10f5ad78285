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

interface Node {
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

/** What an event that belongs to something running waits for: to an activity at its boundary, to a scope in which it starts
 *  an event sub-process. */
export type AttachedTrigger =
  | MessageTrigger
  | TimerTrigger
  | SignalTrigger
  | ConditionTrigger
  | ErrorTrigger
  | EscalationTrigger
  | CompensationTrigger
  | CancelTrigger;

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

// What can be done at a node.

/** Tasks, manual, user, send and receive tasks have actions. */
export interface NodeAction {
  readonly name: string;
  /** What it does: an element of the model with `actionOf`, whose id is `{node}:{name}`. */
  readonly elementId: string;
  /** Executed by command; without it, as soon as it is its turn. */
  readonly isManual?: true;
  /** The node does not wait for it, and ends it when it goes on. */
  readonly isOptional?: true;
  /** Executed as often as its turn comes, or somebody asks. */
  readonly isRepeatable?: true;
  /** Its turn comes when the mandatory automatic ones before it, of a lower order, are executed. */
  readonly order: number;
  /** Its turn comes, and it can be asked for, each time that one has been executed. */
  readonly parent?: string;
  /** Its parent publishes a record: it waits for a reply that carries `callbacksForAction`. */
  readonly callback?: Callback;
  /** Its execution waits that long first; a cycle executes it each time it comes round. */
  readonly timer?: { readonly timer: TimerKind; readonly expression: Expression };
  /** FEEL: a manual one is refused when it does not hold, another is left out. */
  readonly condition?: string;
}

export interface Callback {
  /** The variable that takes the reply's value. Without one, only the action sees the reply's variables. */
  readonly key?: string;
  /** An ISO 8601 duration. When it passes without a reply, the wait becomes an incident. */
  readonly timeout?: Expression;
}

export interface Back {
  /** Process variables that are gone when a token comes back. */
  readonly remove: readonly string[];
}

/** One of the event definitions of an event that has several: what waits for it is known under its id, that of the event with `:1`,
 *  `:2` behind it. No token is ever in it. */
export interface EventPart extends Node {
  readonly kind: 'eventPart';
  /** The event that it is a part of. */
  readonly of: string;
  readonly interrupting?: boolean;
  readonly trigger: PartTrigger;
}

// How often an activity is done.

export type Loop = MultiInstance | StandardLoop;

/** Once per item of `inputCollection`, or `cardinality` times; one of the two is there. */
export interface MultiInstance {
  readonly kind: 'multiInstance';
  readonly isSequential: boolean;
  readonly inputCollection?: Expression;
  readonly cardinality?: Expression;
  /** The variable that has the item. */
  readonly inputElement?: string;
  /** The variable that gets what `outputElement` gave each time, in the order of the items. Both or none are there. */
  readonly outputCollection?: string;
  readonly outputElement?: Expression;
  /** FEEL: asked each time one is done; true ends the others. */
  readonly completionCondition?: string;
  /** What is thrown when one is done, to boundary events of the activity above all (BPMN 2.0.2 §10.3.8, `behavior`). */
  readonly throws?: readonly ImplicitThrow[];
}

export interface ImplicitThrow {
  /** When the first is done, or each, or each when the condition holds. */
  readonly when: 'first' | 'each';
  /** FEEL, over what the iteration sees and the numbers that a completion condition has. */
  readonly condition?: string;
  readonly action: SignalAction | EscalationAction | ErrorAction;
}

/** One after the other, as long as the condition holds; at least one of `condition` and `maximum` is there. */
export interface StandardLoop {
  readonly kind: 'standardLoop';
  /** FEEL. */
  readonly condition?: string;
  /** Asked before the first time too. */
  readonly testBefore: boolean;
  readonly maximum?: number;
}

// What an element waits for.

export interface NoTrigger {
  readonly kind: 'none';
}

/** Everybody who waits for the name hears it, in every instance. Of a start event, the name depends on no variable. */
export interface SignalTrigger {
  readonly kind: 'signal';
  readonly name: Expression;
}

/** Comes when the condition begins to hold, or when it holds at once. Of a process, it starts one whenever somebody has it
 *  evaluated over variables that fulfil it. */
export interface ConditionTrigger {
  readonly kind: 'condition';
  /** FEEL. What is neither true nor false does not hold: the variables may be yet to come. */
  readonly condition: string;
  /** `zeebe:conditionalFilter`: asked again only when one of these changes; without them, when anything it sees does. */
  readonly variableNames?: readonly string[];
  /** Asked again only when such a variable is new in its scope, or only when it was there before; without it, by both. */
  readonly variableEvents?: 'create' | 'update';
}

/** Several event definitions on one event (BPMN 2.0.2 §10.5): the first that comes counts, or all of them together. */
export interface MultipleTrigger {
  readonly kind: 'multiple';
  readonly isParallel: boolean;
  /** In document order; parallel ones are messages, timers, signals and conditions. */
  readonly triggers: readonly PartTrigger[];
}

export type PartTrigger =
  | StartMessageTrigger
  | MessageTrigger
  | TimerTrigger
  | SignalTrigger
  | ConditionTrigger
  | ErrorTrigger
  | EscalationTrigger;

/** The other end of a link: the flow of each throwing event with its name leads here. */
export interface LinkTrigger {
  readonly kind: 'link';
  readonly name: string;
}

/** A start event's message: nothing is running yet, so the name is a constant and there is no key. */
export interface StartMessageTrigger {
  readonly kind: 'startMessage';
  readonly name: string;
}

export interface MessageTrigger {
  readonly kind: 'message';
  readonly name: Expression;
  readonly correlationKey: Expression;
}

/** `millrace:receive`: a FlowX-style reply, matched by instance and topic. */
export interface ReplyTrigger {
  readonly kind: 'reply';
  /** As in the model: the topic name without the namespace, `engine.receive.…`. */
  readonly topic: string;
  /** The variable that takes the record's value. */
  readonly keyName: string;
  /** An ISO 8601 duration. When it passes without a reply, the wait becomes an incident. */
  readonly timeout?: Expression;
}

export interface TimerTrigger {
  readonly kind: 'timer';
  readonly timer: TimerKind;
  readonly expression: Expression;
}

export type TimerKind = 'date' | 'duration' | 'cycle';

/** Without a code it catches every error. */
export interface ErrorTrigger {
  readonly kind: 'error';
  readonly code?: string;
}

/** Without a code it catches every escalation. */
export interface EscalationTrigger {
  readonly kind: 'escalation';
  readonly code?: string;
}

/** What completed is to be undone. */
export interface CompensationTrigger {
  readonly kind: 'compensation';
}

/** Its transaction has been cancelled, and what had completed in it undone. */
export interface CancelTrigger {
  readonly kind: 'cancel';
}

// What an element does.

export interface NoAction {
  readonly kind: 'none';
}

/** All of it happens, what is thrown to others first; `last` is what may end something, or is waited for. */
export interface MultipleAction {
  readonly kind: 'multiple';
  readonly first: readonly (SignalAction | PublishAction | MessageAction)[];
  readonly last:
    | NoAction
    | JobAction
    | ErrorAction
    | EscalationAction
    | CompensateAction
    | CancelAction
    | TerminateAction;
}

/** The signal carries what the input mappings give, as in Zeebe. */
export interface SignalAction {
  readonly kind: 'signal';
  readonly name: Expression;
}

/** A flow of the model, `link:` and the id of this event, leads to the catching event with the name. */
export interface LinkAction {
  readonly kind: 'link';
  readonly name: string;
}

export interface TerminateAction {
  readonly kind: 'terminate';
}

export interface ErrorAction {
  readonly kind: 'error';
  readonly code: Expression;
}

/** Undoes what has completed in its scope, the last first: all of it, or one activity. */
export interface CompensateAction {
  readonly kind: 'compensate';
  readonly activityId?: string;
  /** Goes on only when all is undone. */
  readonly waits: boolean;
}

export interface CancelAction {
  readonly kind: 'cancel';
}

/** Tells whoever is around; that nobody listens is no error. */
export interface EscalationAction {
  readonly kind: 'escalation';
  readonly code: Expression;
}

/** `zeebe:taskDefinition`, or a listener, with what Zeebe leaves to the worker: `millrace:job`, or the listener's own attributes. */
export interface JobAction {
  readonly kind: 'job';
  readonly type: Expression;
  /** A literal is a whole number ≥ 0. Default 3. */
  readonly retries: Expression;
  /** `zeebe:taskHeaders`: constants handed to the plugin. */
  readonly headers: Readonly<Record<string, string>>;
  /** An ISO 8601 duration: a job not answered by then is offered again. Without one it waits for ever. */
  readonly timeout?: Expression;
  /** An ISO 8601 duration between a failure and the next attempt. */
  readonly retryBackoff?: Expression;
}

/** `zeebe:executionListeners`: for each event the jobs, one after the other; a list is absent when it would be empty. */
export interface Listeners {
  /** Of an activity that is done several times: before the first time. */
  readonly beforeAll?: readonly JobAction[];
  /** When the inputs are mapped, before anything else. */
  readonly start?: readonly JobAction[];
  /** When the outputs are mapped, before the token goes on. */
  readonly end?: readonly JobAction[];
}

export type TaskListeners = {
  readonly [Event in 'creating' | 'assigning' | 'updating' | 'completing' | 'canceling']?: readonly JobAction[];
};

/** `millrace:publish`: a record to any topic, and on. */
export interface PublishAction {
  readonly kind: 'publish';
  /** The exact topic name: no namespace is added, the topic may belong to someone else. */
  readonly topic: Expression;
  /** Without one the key is the instance id. */
  readonly key?: Expression;
  readonly headers: readonly PublishHeader[];
  /** Without one the value is what the input mappings give, or all variables when there are none. */
  readonly payload?: Expression;
}

export interface PublishHeader {
  readonly name: string;
  readonly value: Expression;
}

/** `zeebe:script`. */
export interface ScriptAction {
  readonly kind: 'script';
  readonly expression: Expression;
  readonly resultVariable: string;
}

/** `zeebe:calledDecision`: evaluated by the engine over all that the element sees. */
export interface DecisionAction {
  readonly kind: 'decision';
  readonly decisionId: Expression;
  readonly resultVariable: string;
  readonly binding: Binding;
}

/** `millrace:message`: a message as others publish it, to whoever waits for it. */
export interface MessageAction {
  readonly kind: 'message';
  readonly name: Expression;
  /** Without one, only a start event can take the message. */
  readonly correlationKey?: Expression;
  /** An ISO 8601 duration: how long the message waits for somebody who is not there yet. */
  readonly timeToLive?: Expression;
}

export interface Assignment {
  readonly assignee?: Expression;
  /** FEEL gives a list of strings; a literal is a comma-separated list. */
  readonly candidateGroups?: Expression;
  readonly candidateUsers?: Expression;
  readonly dueDate?: Expression;
  readonly followUpDate?: Expression;
  readonly priority?: Expression;
}

export interface Form {
  readonly formId?: string;
  /** The version of that form; absent for the latest. */
  readonly binding?: 'deployment' | 'versionTag';
  /** Where it is bound to one: the latest version with this tag. */
  readonly versionTag?: string;
  readonly formKey?: string;
  readonly externalReference?: string;
}
