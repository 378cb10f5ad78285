import type { TopicConfigs } from '@millrace/log';
import { errors } from '@millrace/wire';
import type { Parts } from '../parts.ts';
import type { Access } from '../security/access.ts';
import type { AlteredConfigs, ConfigRefusal } from './alteration.ts';
import { refusalOfConfigs } from './config-access.ts';
import { resourceType as types } from './config-source.ts';

interface Resource {
  readonly resourceType: number;
  readonly resourceName: string;
}

interface Altered extends Resource {
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

/** What both requests that change configurations have in common: each resource on its own, and none of them twice. */
export function alterResources<R extends Resource>(
  parts: Parts,
  access: Access,
  resources: readonly R[],
  validateOnly: boolean,
  change: (own: TopicConfigs, resource: R) => AlteredConfigs | ConfigRefusal,
): Altered[] {
  const nameOf = ({ resourceType, resourceName }: Resource): string => `${resourceType} ${resourceName}`;
  const counts = new Map<string, number>();
  for (const one of resources) counts.set(nameOf(one), (counts.get(nameOf(one)) ?? 0) + 1);
  return resources.map((resource) => {
    const { resourceType, resourceName } = resource;
    const refusal =
      counts.get(nameOf(resource)) === 1
        ? alter(parts, access, resource, validateOnly, (own) => change(own, resource))
        : ({ error: 'INVALID_REQUEST', message: 'expected each resource once in the request' } as const);
    return {
      errorCode: refusal === null ? errors.NONE.code : errors[refusal.error].code,
      errorMessage: refusal?.message ?? null,
      resourceType,
      resourceName,
    };
  });
}

type Change = (own: TopicConfigs) => AlteredConfigs | ConfigRefusal;

function alter(
  parts: Parts,
  access: Access,
  { resourceType, resourceName }: Resource,
  validateOnly: boolean,
  change: Change,
): ConfigRefusal | null {
  const unauthorised = refusalOfConfigs(access, 'ALTER_CONFIGS', resourceType, resourceName);
  if (unauthorised !== null) return unauthorised;
  switch (resourceType) {
    case types.topic:
      return alterTopic(parts, resourceName, validateOnly, change);
    case types.broker:
      return alterBroker(parts, resourceName, validateOnly, change);
    case types.group:
      return alterGroup(parts, resourceName, validateOnly, change);
    default: {
      const message = `expected resource type 2 (topic), 4 (broker) or 32 (group), found ${resourceType}`;
      return { error: 'INVALID_REQUEST', message };
    }
  }
}

function alterTopic({ topics }: Parts, name: string, validateOnly: boolean, change: Change): ConfigRefusal | null {
  const changed = change(topics.find(name)?.configs ?? {});
  if ('error' in changed) return changed;
  const { configs } = changed;
  return validateOnly ? topics.refusalOfConfigs(name, configs) : topics.setConfigs(name, configs);
}

function alterGroup(
  { groupConfigs }: Parts,
  name: string,
  validateOnly: boolean,
  change: Change,
): ConfigRefusal | null {
  const changed = change(groupConfigs.of(name));
  if ('error' in changed) return changed;
  const { configs } = changed;
  return validateOnly ? groupConfigs.refusalOf(name, configs) : groupConfigs.set(name, configs);
}

function alterBroker(
  { topics, brokerConfigs }: Parts,
  name: string,
  validateOnly: boolean,
  change: Change,
): ConfigRefusal | null {
  const unknown = brokerConfigs.refusalOfName(name);
  if (unknown !== null) return unknown;
  const changed = change(brokerConfigs.dynamic(name));
  if ('error' in changed) return changed;
  const { configs } = changed;
  const refusal = brokerConfigs.refusalOf(configs);
  if (refusal !== null || validateOnly) return refusal;
  const failure = brokerConfigs.set(name, configs);
  if (failure === null) topics.applyDefaults();
  return failure;
}
