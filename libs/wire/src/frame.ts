import type { Api, RequestInput, Response, ResponseInput } from './api.ts';
import { apiOf } from './apis.ts';
import { decode, encodeInto } from './codec.ts';
import { Reader } from './reader.ts';
import { DecodeError } from './wire-error.ts';
import { Writer } from './writer.ts';

/** The key of ApiVersions, whose response header never changes: the asking side does not know our versions yet. */
const API_VERSIONS_KEY = 18;

export interface RequestHeader {
  readonly apiKey: number;
  readonly version: number;
  readonly correlationId: number;
  readonly clientId: string | null;
  /** Where the body begins in the frame. */
  readonly bodyOffset: number;
}

export interface RequestEnvelope<A extends Api> {
  readonly api: A;
  readonly version: number;
  readonly correlationId: number;
  readonly clientId: string | null;
}

/** A whole request frame with its length, as chunks to be written one behind the other. */
export function encodeRequest<A extends Api>(envelope: RequestEnvelope<A>, body: RequestInput<A>): Buffer[] {
  const { api, version, correlationId, clientId } = envelope;
  const writer = openFrame();
  writer.int16(api.key);
  writer.int16(version);
  writer.int32(correlationId);
  writeClientId(writer, clientId);
  if (version >= api.request.flexibleSince) writer.uvarint(0);
  encodeInto(writer, api.request, version, body);
  return closeFrame(writer);
}

/** Reads as much of the header as can be read of any API; the tag section only of those we know. */
export function decodeRequestHeader(frame: Buffer): RequestHeader {
  const reader = new Reader(frame, 0);
  try {
    const apiKey = reader.int16();
    const version = reader.int16();
    const correlationId = reader.int32();
    const length = reader.int16();
    const clientId = length === -1 ? null : reader.string(length);
    if (version >= (apiOf(apiKey)?.request.flexibleSince ?? Infinity)) reader.tags();
    return { apiKey, version, correlationId, clientId, bodyOffset: reader.at };
  } catch (error) {
    throw error instanceof DecodeError ? error.of('request header') : error;
  }
}

export function encodeResponse<A extends Api>(
  api: A,
  version: number,
  correlationId: number,
  body: ResponseInput<A>,
): Buffer[] {
  const writer = openFrame();
  writer.int32(correlationId);
  if (hasResponseTags(api, version)) writer.uvarint(0);
  encodeInto(writer, api.response, version, body);
  return closeFrame(writer);
}

/** The correlation id alone, by which the receiver finds out what the rest of the frame is. */
export function correlationIdOf(frame: Buffer): number {
  return new Reader(frame, 0).int32();
}

export function decodeResponse<A extends Api>(
  api: A,
  version: number,
  frame: Buffer,
): { correlationId: number; body: Response<A> } {
  const reader = new Reader(frame, 0);
  const correlationId = reader.int32();
  if (hasResponseTags(api, version)) reader.tags();
  return { correlationId, body: decode(api.response, version, frame, reader.at).value };
}

function hasResponseTags(api: Api, version: number): boolean {
  return version >= api.response.flexibleSince && api.key !== API_VERSIONS_KEY;
}

function writeClientId(writer: Writer, clientId: string | null): void {
  if (clientId === null) return writer.int16(-1);
  const length = Buffer.byteLength(clientId);
  writer.int16(length);
  writer.string(clientId, length);
}

/** A writer with room for the length of the frame, which is known at the end. */
function openFrame(): Writer {
  const writer = new Writer();
  writer.int32(0);
  return writer;
}

function closeFrame(writer: Writer): Buffer[] {
  const length = writer.length - 4;
  const chunks = writer.finish();
  chunks[0]?.writeInt32BE(length, 0);
  return chunks;
}
