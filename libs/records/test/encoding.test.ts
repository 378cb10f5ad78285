import { describe, expect, it } from 'vitest';
import {
  type Command,
  RecordError,
  bytesFromText,
  decodeCommand,
  decodeEvent,
  encodeCommand,
  encodeEvent,
  instanceId,
  partitionOfCommand,
  recordKeyOf,
} from '../src/index.ts';

const ID = instanceId(5, bytesFromText('x'));
const KEY = '3-000000000001-0000';
const base = { version: 1, variables: {} } as const;
const message = { messageKey: KEY, name: 'paid', correlationKey: 'o1', instanceId: ID, processId: 'p', waitKey: KEY };

describe('a record', () => {
  it('comes back as it was', () => {
    const command: Command = {
      ...base,
      kind: 'completeTask',
      taskKey: KEY,
      variables: { name: 'Žofie', n: [1, null] },
    };
    expect(decodeCommand(encodeCommand(command))).toEqual(command);
    const event = { kind: 'instance.forgotten', version: 1, at: 5, instanceId: ID } as const;
    expect(decodeEvent(encodeEvent(event))).toEqual(event);
  });

  it.for([
    ['no JSON', '{', 'MALFORMED_RECORD'],
    ['no object', '7', 'MALFORMED_RECORD'],
    ['null', 'null', 'MALFORMED_RECORD'],
    ['without a version', '{"kind":"deploy"}', 'MALFORMED_RECORD'],
    ['of an unknown kind', '{"kind":"toString","version":1}', 'MALFORMED_RECORD'],
    ['without what it is about', '{"kind":"cancelInstance","version":1}', 'MALFORMED_RECORD'],
    [
      'with variables that are none',
      '{"kind":"completeTask","version":1,"taskKey":"k","variables":[]}',
      'MALFORMED_RECORD',
    ],
    ['of a later version', '{"kind":"deploy","version":2}', 'UNSUPPORTED_RECORD_VERSION'],
    ['of version 0', '{"kind":"deploy","version":0}', 'UNSUPPORTED_RECORD_VERSION'],
  ] as const)('that is %s is told from ours', ([, text, code]) => {
    const decode = () => decodeCommand(new TextEncoder().encode(text));
    expect(decode).toThrow(RecordError);
    expect(decode).toThrow(expect.objectContaining({ code }));
  });

  it('that is no UTF-8 is refused', () => {
    expect(() => decodeEvent(new Uint8Array([0xff, 0xfe]))).toThrow(
      expect.objectContaining({ code: 'MALFORMED_RECORD' }),
    );
  });
});

describe('a command goes', () => {
  const publish: Command = { ...base, kind: 'publishMessage', name: 'paid', correlationKey: 'o1', ttlMs: 0 };

  it.for([
    [{ ...base, kind: 'deploy', resources: [] }, 0],
    [{ ...base, kind: 'startInstance', instanceId: ID, processId: 'p' }, 5],
    [{ ...base, kind: 'completeJob', instanceId: ID, jobKey: KEY }, 5],
    [{ ...base, kind: 'completeTask', taskKey: KEY }, 3],
    [{ ...base, kind: 'resolveIncident', incidentKey: KEY }, 3],
    [{ ...base, kind: 'correlateMessage', ...message }, 5],
    [{ ...base, kind: 'confirmCorrelation', ...message }, 3],
    [{ ...base, kind: 'offerMessageStart', ...message, taken: [] }, 0],
  ] as [Command, number][])('$0.kind to the partition that owns what it names', ([command, partition]) => {
    expect(partitionOfCommand(command, 8)).toBe(partition);
  });

  it('with a subscription where the messages of its key go', () => {
    const open: Command = { ...base, kind: 'openSubscription', ...message, elementId: 'e', isRepeating: false };
    expect(partitionOfCommand(open, 8)).toBe(partitionOfCommand(publish, 8));
  });

  it('nowhere when it names what cannot exist', () => {
    expect(partitionOfCommand({ ...base, kind: 'completeTask', taskKey: 'nonsense' }, 8)).toBeUndefined();
    expect(partitionOfCommand({ ...base, kind: 'cancelInstance', instanceId: ID }, 2)).toBeUndefined();
    expect(partitionOfCommand({ ...base, kind: 'cancelInstance', instanceId: 'nonsense' }, 2)).toBeUndefined();
  });

  it('under the id of its instance, or its kind', () => {
    expect(recordKeyOf({ kind: 'completeJob', instanceId: ID })).toBe(ID);
    expect(recordKeyOf(publish)).toBe('publishMessage');
  });
});
