import { apis } from '@millrace/wire';
import { altered } from '../configs/alteration.ts';
import { alterResources } from '../configs/alter-resources.ts';
import { topicKeyOf } from '../configs/broker-configs.ts';
import { resourceType } from '../configs/config-source.ts';
import { handler } from '../handler.ts';

/**
 * IncrementalAlterConfigs 0–1 (KIP-339): sets, deletes, and appends to or subtracts from lists; what is not named stays.
 * All changes of one resource or none. They take effect at once, and are durable.
 */
export const incrementalAlterConfigs = handler(
  apis.incrementalAlterConfigs,
  (parts, { resources, validateOnly }, exchange) => {
    const responses = alterResources(
      parts,
      exchange.access,
      resources,
      validateOnly,
      (own, { resourceType: type, configs }) =>
        altered(own, configs, (name) => {
          if (type === resourceType.topic) return topicKeyOf(name);
          return type === resourceType.group ? { type: 'int', default: null } : parts.brokerConfigs.keyOf(name);
        }),
    );
    exchange.reply({ responses });
  },
);
