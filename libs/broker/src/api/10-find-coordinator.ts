import { apis, errors } from '@millrace/wire';
import { handler } from '../handler.ts';
import { NODE_ID } from '../parts.ts';

/**
 * FindCoordinator 0–4. 1 brought key types (0 group, 1 transaction), 4 asks for many keys at once.
 *
 * The coordinator of every group and transaction is this broker. A key type that is neither gets INVALID_REQUEST.
 */
export const findCoordinator = handler(apis.findCoordinator, (_parts, request, exchange) => {
  const isKnown = request.keyType === 0 || request.keyType === 1;
  const { code } = isKnown ? errors.NONE : errors.INVALID_REQUEST;
  const errorMessage = isKnown ? null : `expected key type 0 (group) or 1 (transaction), found ${request.keyType}`;
  const { host, port } = exchange.advertised;
  const node = isKnown ? { nodeId: NODE_ID, host, port } : { nodeId: -1, host: '', port: -1 };
  exchange.reply({
    ...node,
    errorCode: code,
    errorMessage,
    coordinators: request.coordinatorKeys.map((key) => ({ key, ...node, errorCode: code, errorMessage })),
  });
});
