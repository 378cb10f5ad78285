import { type Api, apis, errors } from '@millrace/wire';
import { handler } from '../handler.ts';

/**
 * ApiVersions 0–4. What is announced derives from the handlers that are registered. The response header is version 0 in
 * every version; a version above ours is answered by `dispatch` with a version 0 body and UNSUPPORTED_VERSION.
 *
 * Announced is not always served: Produce 0–2 is in the range because librdkafka derives features from exact old versions
 * in it and then asks in a newer one.
 */
export function apiVersions(served: readonly Api[]) {
  const apiKeys = served.map(({ key, advertised: [minVersion, maxVersion] }) => ({
    apiKey: key,
    minVersion,
    maxVersion,
  }));
  return handler(apis.apiVersions, (_parts, _request, exchange) => {
    exchange.reply({ errorCode: errors.NONE.code, apiKeys });
  });
}
