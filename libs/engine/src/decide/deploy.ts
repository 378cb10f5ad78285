import type { ExecutableProcess } from '@millrace/bpmn';
import {
  type CommandOf,
  type DefinitionKey,
  type DefinitionRow,
  type ProcessResource,
  type ProcessToDeploy,
  definitionKey,
} from '@millrace/records';
import { NAME_LENGTH_MAX } from '../limits.ts';
import { bindsToDeployment } from './call.ts';
import { type Context, type Refusal, refuse } from './context.ts';
import { type PlannedResource, planDecisions, planForm } from './deploy-resources.ts';
import { type PlannedStart, closeStarts, openStarts, planStarts } from './deploy-starts.ts';
import { lifetimeOf } from './expiry.ts';
import { Failure } from './failure.ts';

/**
 * Partition 0 gives versions. The same digest again is the same version: deploying twice changes nothing. Everything is planned
 * before anything is installed: all of a deployment, or none.
 */
export function deploy(context: Context, command: CommandOf<'deploy'>): Refusal | undefined {
  if (context.draft.partition !== 0) return refuse('INVALID_ARGUMENT', 'expected a deployment on partition 0');
  const processes: Planned[] = [];
  const others: PlannedResource[] = [];
  for (const resource of command.resources) {
    if (resource.kind !== 'bpmn') {
      const plan = resource.kind === 'dmn' ? planDecisions(context, resource) : planForm(context, resource);
      if ('rejection' in plan) return plan;
      others.push(plan);
      continue;
    }
    for (const process of resource.processes) {
      const plan = planProcess(context, process, resource);
      if ('rejection' in plan) return plan;
      processes.push(plan);
    }
  }
  if (processes.length + others.length === 0) {
    return refuse('INVALID_ARGUMENT', 'expected a process, a decision or a form to deploy');
  }
  const decisions = others.flatMap((plan) => plan.decisions);
  const forms = others.flatMap((plan) => plan.forms);
  const deployed = renewBound(processes, decisions, forms);
  context.emit({
    kind: 'deployment.accepted',
    resourceNames: command.resources.map(({ name }) => name),
    definitions: deployed.map(({ processId, definitionKey, definitionVersion, isNew }) => ({
      processId,
      definitionKey,
      definitionVersion,
      isNew,
    })),
    decisions,
    forms,
  });
  for (const plan of deployed) if (plan.isNew) install(context, plan);
  for (const plan of others) plan.install(context);
  return undefined;
}

/** What is bound to its deployment is another thing when something in the deployment is: it knows the versions beside it. */
function renewBound(
  processes: readonly Planned[],
  decisions: PlannedResource['decisions'],
  forms: PlannedResource['forms'],
): Planned[] {
  const hasNew = [...processes, ...decisions, ...forms].some(({ isNew }) => isNew);
  const renewed = processes.map((plan) => {
    if (plan.isNew || !hasNew || !bindsToDeployment(plan.model)) return plan;
    const definitionVersion = plan.definitionVersion + 1;
    const key = definitionKey(plan.processId, definitionVersion);
    return { ...plan, isNew: true, definitionVersion, definitionKey: key };
  });
  const deployedWith = Object.fromEntries(
    renewed.map(({ processId, definitionVersion }) => [processId, definitionVersion]),
  );
  const decisionsDeployedWith = Object.fromEntries(
    decisions.map(({ decisionId, decisionVersion }) => [decisionId, decisionVersion]),
  );
  const formsDeployedWith = Object.fromEntries(forms.map(({ formId, formVersion }) => [formId, formVersion]));
  const known = { deployedWith, decisionsDeployedWith, formsDeployedWith };
  return renewed.map((plan) =>
    bindsToDeployment(plan.model) ? { ...plan, model: { ...plan.model, ...known } } : plan,
  );
}

interface Planned {
  readonly resource: ProcessResource;
  readonly processId: string;
  readonly name?: string;
  readonly definitionKey: DefinitionKey;
  readonly definitionVersion: number;
  readonly isNew: boolean;
  readonly model: ExecutableProcess;
  readonly previous: DefinitionRow | undefined;
  readonly starts: readonly PlannedStart[];
}

function planProcess(context: Context, process: ProcessToDeploy, resource: ProcessResource): Planned | Refusal {
  const { processId, name } = process;
  const model = process.model as ExecutableProcess;
  for (const id of [processId, ...Object.keys(model.elements)]) {
    // Ids are parts of row keys.
    if (id.length > NAME_LENGTH_MAX)
      return refuse('INVALID_ARGUMENT', `expected ids of at most ${NAME_LENGTH_MAX} characters`);
  }
  const lifetime = lifetimeOf(context, model, {});
  if (lifetime instanceof Failure) return refuse('INVALID_ARGUMENT', `process "${processId}": ${lifetime.message}`);
  const starts = planStarts(context, model);
  if (starts instanceof Failure) return refuse('INVALID_ARGUMENT', starts.message);
  const previous = context.draft.get('definition', processId);
  const isNew = previous?.digest !== resource.digest;
  const definitionVersion = (previous?.version ?? 0) + (isNew ? 1 : 0);
  return {
    resource,
    processId,
    ...(name === undefined ? undefined : { name }),
    definitionKey: definitionKey(processId, definitionVersion),
    definitionVersion,
    isNew,
    model,
    previous,
    starts,
  };
}

function install(context: Context, plan: Planned): void {
  const { processId, definitionKey, definitionVersion, name, model, previous } = plan;
  const { name: resourceName, digest, content: xml } = plan.resource;
  const definition = {
    processId,
    definitionKey,
    definitionVersion,
    ...(name === undefined ? undefined : { name }),
    resourceName,
    digest,
  };
  // Only the latest version starts by message, signal or timer.
  if (previous !== undefined) closeStarts(context, previous);
  context.emit({ kind: 'definition.deployed', ...definition });
  context.output({ kind: 'definition', ...definition, xml, model, deployedAt: Math.trunc(context.now) });
  openStarts(context, plan, plan.starts);
}
