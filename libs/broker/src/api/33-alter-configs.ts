import { apis } from '@millrace/wire';
import { replaced } from '../configs/alteration.ts';
import { alterResources } from '../configs/alter-resources.ts';
import { handler } from '../handler.ts';

/** AlterConfigs 0–2: what is not named goes back to its default. A change takes effect at once, and is durable. */
export const alterConfigs = handler(apis.alterConfigs, (parts, { resources, validateOnly }, exchange) => {
  exchange.reply({
    responses: alterResources(parts, exchange.access, resources, validateOnly, (_own, { configs }) =>
      replaced(configs),
    ),
  });
});
