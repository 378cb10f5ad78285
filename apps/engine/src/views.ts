/** Rows of the read models as REST shows them. Names of elements come from the model that the instance runs. */
import type {
  DecisionEntry,
  DefinitionEntry,
  FormEntry,
  Incident,
  InstanceStatus,
  InstanceSummary,
  MessageEntry,
  NodeAction,
  Task,
  TaskAnswer,
  Token,
} from '@millrace/contract';
import { possibleActions } from './possible-actions.ts';
import type {
  Queries,
  ReadAction,
  ReadIncident,
  ReadInstance,
  ReadMessage,
  ReadTask,
  ReadToken,
} from '@millrace/projection';
import { definitionKey, type TaskForm } from '@millrace/records';
import { backTo } from './back-to.ts';
import type { DefinitionReader, DeployedDecision, DeployedDefinition, DeployedForm } from '@millrace/runtime';

/** Incidents that a status lists; `incidents` of the list counts them all. */
const INCIDENTS_SHOWN_MAX = 100;
/** Called instances that a status lists. */
const CHILDREN_SHOWN_MAX = 100;

const time = (ms: number): string => new Date(ms).toISOString();

export function instanceSummary(instance: ReadInstance): InstanceSummary {
  return {
    processInstanceUuid: instance.id,
    definition: instance.processId,
    version: instance.version,
    ...(instance.businessKey === undefined ? {} : { businessKey: instance.businessKey }),
    ...(instance.flowName === undefined ? {} : { flowName: instance.flowName }),
    state: instance.state,
    ...(instance.stage === undefined ? {} : { stage: instance.stage }),
    startedAt: time(instance.startedAt),
    ...(instance.expiresAt === undefined ? {} : { expiresAt: time(instance.expiresAt) }),
    ...(instance.endedAt === undefined ? {} : { endedAt: time(instance.endedAt) }),
    incidents: instance.openIncidents,
  };
}

export function tokensOf(queries: Queries, definitions: DefinitionReader, instance: ReadInstance): Token[] {
  const model = definitions.get(definitionKey(instance.processId, instance.version))?.model;
  const tokens = queries.tokens(instance.id);
  const stepsOf = model === undefined ? () => [] : backTo(model, instance, tokens);
  return tokens.map((token) => {
    const back = stepsOf(token);
    const view = tokenView(token, model?.elements[token.elementId]?.name);
    return back.length === 0 ? view : { ...view, backTo: back };
  });
}

export function instanceStatus(
  queries: Queries,
  definitions: DefinitionReader,
  instance: ReadInstance,
): InstanceStatus {
  return {
    ...instanceSummary(instance),
    tokens: tokensOf(queries, definitions, instance),
    milestones: (instance.milestones ?? []).map(({ name, elementId, reachedAt }) => ({
      name,
      node: elementId,
      reachedAt: time(reachedAt),
    })),
    ...(instance.parent === undefined
      ? {}
      : { parent: { processInstanceUuid: instance.parent.instanceId, tokenId: instance.parent.elementKey } }),
    children: queries
      .called(instance.id, { limit: CHILDREN_SHOWN_MAX })
      .rows.map(({ id, processId, state }) => ({ processInstanceUuid: id, definition: processId, state })),
    variables: { ...queries.variables(instance.id) },
    incidents: queries
      .openIncidents(instance.id, INCIDENTS_SHOWN_MAX)
      .map(({ key, reason, message, elementId, raisedAt }) => ({
        id: key,
        kind: reason,
        message,
        node: elementId,
        raisedAt: time(raisedAt),
      })),
  };
}

function tokenView(token: ReadToken, nodeName: string | undefined): Token {
  return {
    id: token.id,
    node: token.elementId,
    ...(nodeName === undefined || nodeName === '' ? {} : { nodeName }),
    nodeType: token.elementKind,
    status: token.incidentKey === undefined ? token.status : 'INCIDENT',
    since: time(token.since),
    actions: [...(token.action === undefined ? [] : [token.action]), ...possibleActions(token)],
    ...(token.actions === undefined ? {} : { nodeActions: token.actions.map(actionView) }),
  };
}

function actionView({
  name,
  isManual,
  isOptional,
  isRepeatable,
  isCallback,
  parent,
  ...counts
}: ReadAction): NodeAction {
  const { running, executed } = counts;
  return {
    name,
    trigger: isManual === true ? 'MANUAL' : 'AUTOMATIC',
    required: isOptional === true ? 'OPTIONAL' : 'MANDATORY',
    repeatable: isRepeatable === true,
    callback: isCallback === true,
    ...(parent === undefined ? {} : { parent }),
    state: running > 0 ? 'EXECUTING' : executed > 0 ? 'EXECUTED' : 'WAITING',
    executions: executed,
  };
}

export function taskView(task: ReadTask): Task {
  return {
    id: task.key,
    processInstanceUuid: task.instanceId,
    definition: task.processId,
    node: task.elementId,
    name: task.name,
    state: task.state,
    ...(task.assignee === undefined ? {} : { assignee: task.assignee }),
    candidateGroups: [...task.candidateGroups],
    candidateUsers: [...task.candidateUsers],
    ...(task.form === undefined ? {} : formOf(task.form)),
    headers: { ...task.headers },
    ...(task.dueDate === undefined ? {} : { dueDate: task.dueDate }),
    ...(task.followUpDate === undefined ? {} : { followUpDate: task.followUpDate }),
    ...(task.priority === undefined ? {} : { priority: task.priority }),
    createdAt: time(task.createdAt),
  };
}

export function taskAnswer(queries: Queries, task: ReadTask): TaskAnswer {
  return { ...taskView(task), variables: { ...queries.visibleVariables(task.instanceId, task.key) } };
}

function formOf({ formId: id, version, formKey: key, externalReference }: TaskForm): Pick<Task, 'formId' | 'form'> {
  const name = id ?? key ?? externalReference;
  return {
    ...(name === undefined ? {} : { formId: name }),
    form: {
      ...(id === undefined ? {} : { id }),
      ...(version === undefined ? {} : { version }),
      ...(key === undefined ? {} : { key }),
      ...(externalReference === undefined ? {} : { externalReference }),
    },
  };
}

export function messageView({ key, publishedAt, expiresAt, isTaken: _isTaken, ...message }: ReadMessage): MessageEntry {
  return {
    id: key,
    ...message,
    publishedAt: time(publishedAt),
    ...(expiresAt === undefined ? {} : { expiresAt: time(expiresAt) }),
  };
}

export function incidentView(incident: ReadIncident): Incident {
  return {
    id: incident.key,
    processInstanceUuid: incident.instanceId,
    definition: incident.processId,
    node: incident.elementId,
    kind: incident.reason,
    message: incident.message,
    raisedAt: time(incident.raisedAt),
    ...(incident.resolvedAt === undefined ? {} : { resolvedAt: time(incident.resolvedAt) }),
  };
}

export function definitionView(queries: Queries, definition: DeployedDefinition): DefinitionEntry {
  const { processId, name, version, deployedAt, model } = definition;
  const suspension = queries.suspension(processId);
  return {
    name: processId,
    ...(name === undefined || name === '' ? {} : { title: name }),
    version,
    ...(model.versionTag === undefined ? {} : { versionTag: model.versionTag }),
    deployedAt: time(deployedAt),
    state: suspension === undefined ? 'ACTIVE' : 'SUSPENDED',
    ...(suspension === undefined ? {} : { suspendedAt: time(suspension.suspendedAt) }),
    ...(suspension?.reason === undefined ? {} : { suspensionReason: suspension.reason }),
  };
}

export function decisionView({ decisionId, version, name, graph }: DeployedDecision): DecisionEntry {
  return {
    id: decisionId,
    ...(name === undefined || name === '' ? {} : { name }),
    version,
    model: graph.graphId,
    modelVersion: graph.version,
    file: graph.resourceName,
    deployedAt: time(graph.deployedAt),
  };
}

export function formView({ formId, version, resourceName, deployedAt }: DeployedForm): FormEntry {
  return { id: formId, version, file: resourceName, deployedAt: time(deployedAt) };
}
