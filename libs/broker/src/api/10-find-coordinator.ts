import { apis, errors, type KafkaError } from '@millrace/wire';
import { handler } from '../handler.ts';
import type { Access } from '../security/access.ts';
import { groupResource, transactionalIdResource } from '../security/acl.ts';

const VERSION_WITH_KEYS = 4;

/**
 * FindCoordinator 0–4. 1 brought key types (0 group, 1 transaction), 4 asks for many keys at once.
 *
 * There is always one, and it is ready. A key type that is neither gets INVALID_REQUEST.
 */
export const findCoordinator = handler(apis.findCoordinator, ({ nodes }, request, exchange) => {
  const { access, version, entrance } = exchange;
  const answer = (key: string) => {
    const refusal = refusalOf(access, request.keyType, key);
    if (refusal === null) {
      const node = nodes.address(nodes.coordinatorOf(key), entrance);
      return { ...node, errorCode: errors.NONE.code, errorMessage: null };
    }
    return { nodeId: -1, host: '', port: -1, errorCode: refusal.error.code, errorMessage: refusal.message };
  };
  const single = version < VERSION_WITH_KEYS ? answer(request.key) : {};
  exchange.reply({ ...single, coordinators: request.coordinatorKeys.map((key) => ({ key, ...answer(key) })) });
});

function refusalOf(access: Access, keyType: number, key: string): { error: KafkaError; message: string } | null {
  if (keyType !== 0 && keyType !== 1) {
    return {
      error: errors.INVALID_REQUEST,
      message: `expected key type 0 (group) or 1 (transaction), found ${keyType}`,
    };
  }
  const resource = keyType === 0 ? groupResource(key) : transactionalIdResource(key);
  if (access.may('DESCRIBE', resource)) return null;
  const error = keyType === 0 ? errors.GROUP_AUTHORIZATION_FAILED : errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
  return { error, message: error.message };
}
