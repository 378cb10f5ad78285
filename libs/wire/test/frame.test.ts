import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DecodeError,
  FrameSplitter,
  WireError,
  apis,
  correlationIdOf,
  decode,
  decodeRequestHeader,
  decodeResponse,
  encodeRequest,
  encodeResponse,
} from '../src/index.ts';

describe('frames', () => {
  it.for([3, 4])('carry a request with its header in version %i', (version) => {
    const envelope = { api: apis.heartbeat, version, correlationId: 77, clientId: 'tester' };
    const body = { groupId: 'g', generationId: 5, memberId: 'm', groupInstanceId: null };
    const bytes = Buffer.concat(encodeRequest(envelope, body));
    expect(bytes.readInt32BE(0)).toBe(bytes.length - 4);
    const frame = bytes.subarray(4);
    const header = decodeRequestHeader(frame);
    expect(header).toMatchObject({ apiKey: 12, version, correlationId: 77, clientId: 'tester' });
    expect(decode(apis.heartbeat.request, version, frame, header.bodyOffset)).toEqual({
      value: body,
      end: frame.length,
    });
  });

  it.for([3, 4])('carry a response with its correlation id in version %i', (version) => {
    const body = { throttleTimeMs: 0, errorCode: 27 };
    const frame = Buffer.concat(encodeResponse(apis.heartbeat, version, 78, body)).subarray(4);
    expect(correlationIdOf(frame)).toBe(78);
    expect(decodeResponse(apis.heartbeat, version, frame)).toEqual({ correlationId: 78, body });
  });

  it('keep the response header of ApiVersions at version 0', () => {
    const body = { errorCode: 0, apiKeys: [], throttleTimeMs: 0 };
    const frame = Buffer.concat(encodeResponse(apis.apiVersions, 3, 9, body)).subarray(4);
    // Correlation id, error, compact array length, throttle time, tags of the body; no tags of the header.
    expect(frame.length).toBe(4 + 2 + 1 + 4 + 1);
    expect(decodeResponse(apis.apiVersions, 3, frame).body).toEqual(body);
  });

  it('read the header of an API or version that is not known', () => {
    const bytes = Buffer.from([3, 231, 0, 5, 0, 0, 0, 1, 255, 255]);
    expect(decodeRequestHeader(bytes)).toEqual({
      apiKey: 999,
      version: 5,
      correlationId: 1,
      clientId: null,
      bodyOffset: 10,
    });
  });

  it('refuse a header cut at any byte', () => {
    const body = { groupId: 'g', generationId: 5, memberId: 'm' };
    const envelope = { api: apis.heartbeat, version: 4, correlationId: 1, clientId: 'tester' };
    const frame = Buffer.concat(encodeRequest(envelope, body)).subarray(4);
    const { bodyOffset } = decodeRequestHeader(frame);
    for (let length = 0; length < bodyOffset; length++) {
      expect(() => decodeRequestHeader(frame.subarray(0, length))).toThrow(DecodeError);
    }
  });
});

describe('FrameSplitter', () => {
  const framed = (content: Uint8Array): Buffer => {
    const prefix = Buffer.alloc(4);
    prefix.writeInt32BE(content.length, 0);
    return Buffer.concat([prefix, content]);
  };

  it('finds the same frames however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 }),
        (contents, cuts) => {
          const stream = Buffer.concat(contents.map(framed));
          const splitter = new FrameSplitter(1000);
          const frames: Buffer[] = [];
          for (let at = 0, index = 0; at < stream.length; index++) {
            const length = cuts[index % cuts.length] ?? 1;
            frames.push(...splitter.push(stream.subarray(at, at + length)));
            at += length;
          }
          expect(frames.map((frame) => [...frame])).toEqual(contents.map((content) => [...content]));
          expect(splitter.pendingBytes).toBe(0);
        },
      ),
    );
  });

  it('gives a frame that lies in one chunk as a view of it (F1)', () => {
    const chunk = framed(Buffer.alloc(100));
    expect(new FrameSplitter(1000).push(chunk)[0]?.buffer).toBe(chunk.buffer);
  });

  it.for([
    ['2 GB', 0x7fffffff],
    ['a negative length', -1],
    ['one byte above the limit', 1001],
  ] as const)('refuses a frame that announces %s as soon as its length is here (F2)', ([, length]) => {
    const prefix = Buffer.alloc(4);
    prefix.writeInt32BE(length, 0);
    const splitter = new FrameSplitter(1000);
    expect(splitter.push(prefix.subarray(0, 3))).toEqual([]);
    expect(() => splitter.push(prefix.subarray(3))).toThrow(
      new WireError('FRAME_TOO_LARGE', `expected a frame of 0 to 1000 bytes, found ${length}`),
    );
  });
});
