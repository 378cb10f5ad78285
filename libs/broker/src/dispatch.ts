import {
  type Api,
  apiOf,
  apis,
  decode,
  decodeRequestHeader,
  encodeResponse,
  errors,
  type ResponseInput,
  WireError,
} from '@millrace/wire';
import type { Dispatch } from './connection.ts';
import { Unauthenticated } from './errors.ts';
import { type EncodeResponse, Exchange, type ExchangeOwner, type RequestHeader } from './exchange.ts';
import type { Handler } from './handler.ts';
import type { Parts } from './parts.ts';
import { RequestMeter } from './quotas/request-meter.ts';
import { takeRawToken } from './security/raw-token.ts';

/**
 * From a frame to a handler at work. What is no request of ours throws `WireError` and so closes the connection, as in
 * Kafka: there is no response that its sender could be expected to understand. ApiVersions is the exception.
 */
export function createDispatch(parts: Parts, handlers: readonly Handler[]): Dispatch {
  const byKey: (Entry | undefined)[] = [];
  const { requestElementsMax } = parts.config.limits;
  for (const { api, handle } of handlers) byKey[api.key] = { api, handle, encode: encoderOf(api) };

  return function dispatch(frame, owner) {
    if (owner.session.takesRawToken) return takeRawToken(parts, frame, owner);
    const header = decodeRequestHeader(frame);
    const entry = byKey[header.apiKey];
    if (entry === undefined) {
      const name = apiOf(header.apiKey)?.name ?? 'none that is known';
      throw new WireError('MALFORMED', `expected an API that is served, found key ${header.apiKey} (${name})`);
    }
    const { api } = entry;
    const refusal = owner.session.refusalOf(api.key, api.name);
    if (refusal !== null) throw new Unauthenticated(refusal);
    const [min, max] = api.versions;
    if (header.version < min || header.version > max) {
      if (api === apis.apiVersions) return answerInVersion0(header, frame, owner);
      const message = `expected ${api.name} in versions ${min} to ${max}, found ${header.version}`;
      throw new WireError('UNSUPPORTED_VERSION', message);
    }
    const request = decode(api.request, header.version, frame, header.bodyOffset, requestElementsMax).value;
    if (!parts.quotas.areNone) return metered(entry, request as never, header, frame, owner);
    const exchange = new Exchange(owner, header, LENGTH_BYTES + frame.length, entry.encode);
    entry.handle(parts, request, exchange);
    return exchange;
  };

  /** Where something is limited, what the request takes is measured, and who takes too much is told so and made to wait. */
  function metered(entry: Entry, request: never, header: RequestHeader, frame: Buffer, owner: ExchangeOwner): Exchange {
    const requestBytes = LENGTH_BYTES + frame.length;
    const meter = new RequestMeter(parts, owner.session.access.caller.principal, header);
    const exchange: Exchange = new Exchange(owner, header, requestBytes, (response) => {
      const chunks = entry.encode(response, header);
      exchange.throttle(meter.answered(chunks));
      const { throttleTimeMs } = exchange;
      return throttleTimeMs === 0 ? chunks : entry.encode({ ...(response as object), throttleTimeMs }, header);
    });
    exchange.throttle(meter.received(requestBytes));
    entry.handle(parts, request, exchange);
    exchange.throttle(meter.returned());
    return exchange;
  }
}

/** A client that is newer than we are learns from this which version to ask in. */
function answerInVersion0(header: RequestHeader, frame: Buffer, owner: ExchangeOwner): Exchange {
  const api = apis.apiVersions;
  const exchange = new Exchange(owner, { ...header, version: 0 }, LENGTH_BYTES + frame.length, encoderOf(api));
  const [minVersion, maxVersion] = api.advertised;
  const errorCode = errors.UNSUPPORTED_VERSION.code;
  exchange.reply({ errorCode, apiKeys: [{ apiKey: api.key, minVersion, maxVersion }] });
  return exchange;
}

const LENGTH_BYTES = 4;

/** A handler with what is made once for all its requests. */
interface Entry extends Handler {
  readonly encode: EncodeResponse;
}

function encoderOf(api: Api): EncodeResponse {
  return (response, { version, correlationId }) =>
    encodeResponse(api, version, correlationId, response as ResponseInput<Api>);
}
