import type { modifyBody } from '@millrace/contract';
import type { CommandOf } from '@millrace/records';
import type { z } from 'zod';

type Modification = Pick<CommandOf<'modifyInstance'>, 'activate' | 'terminate' | 'variables'>;

/** What a caller says about nodes and tokens, in the engine's words. */
export function modification({ activate, terminate, variables }: z.infer<typeof modifyBody>): Modification {
  return {
    activate: activate.map(({ node: elementId, scope: scopeKey, variables: local }) => ({
      elementId,
      ...(scopeKey === undefined ? {} : { scopeKey }),
      ...(local === undefined ? {} : { variables: local }),
    })),
    terminate: terminate.map((one) => ('token' in one ? { elementKey: one.token } : { elementId: one.node })),
    ...(variables === undefined ? {} : { variables }),
  };
}
