import type { Message, MessageInput, MessageSchema, VersionRange } from './schema.ts';

/** A request, the response to it, and the versions in which the two belong together. */
export interface Api<Request extends MessageSchema = MessageSchema, Response extends MessageSchema = MessageSchema> {
  readonly key: number;
  readonly name: string;
  readonly request: Request;
  readonly response: Response;
  /** Versions that are decoded and served. */
  readonly versions: VersionRange;
  /** Versions that ApiVersions announces. */
  readonly advertised: VersionRange;
}

export type Request<A extends Api> = Message<A['request']>;
export type RequestInput<A extends Api> = MessageInput<A['request']>;
export type Response<A extends Api> = Message<A['response']>;
export type ResponseInput<A extends Api> = MessageInput<A['response']>;

export function api<Request extends MessageSchema, Response extends MessageSchema>(
  request: Request,
  response: Response,
): Api<Request, Response> {
  const { apiKey, name, versions, advertised = versions } = request;
  return { key: apiKey, name, request, response, versions, advertised };
}
