import { apis, errors, type Response } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import { type Acl, aclOperations, patternTypes, permissionTypes, resourceTypes } from '../../src/security/acl.ts';
import { wireAclOf } from '../../src/security/acl-wire.ts';
import { createTopic, startBroker } from '../running-broker.ts';
import { unreliableDisk } from '../unreliable-disk.ts';
import type { WireConnection } from '../wire-connection.ts';
import { anyAcl } from '../security/any-acl.ts';

const authorization = { superUsers: ['User:ANONYMOUS'] };

const base: Acl = {
  resourceType: 'TOPIC',
  resourceName: 'orders',
  patternType: 'LITERAL',
  principal: 'User:alice',
  host: '*',
  operation: 'READ',
  permission: 'ALLOW',
};

const rules: readonly Acl[] = [
  base,
  { ...base, operation: 'WRITE', permission: 'DENY', host: '10.0.0.1' },
  { ...base, resourceName: '*', principal: 'User:*', operation: 'DESCRIBE' },
  { ...base, resourceName: 'ord', patternType: 'PREFIXED' },
  { ...base, resourceName: 'orders', patternType: 'PREFIXED', principal: 'User:bob' },
  { ...base, resourceType: 'GROUP', resourceName: 'billing' },
];

const create = (connection: WireConnection, acls: readonly Acl[]) =>
  connection.request(apis.createAcls, 3, { creations: acls.map(wireAclOf) });

function listed({ resources }: Response<typeof apis.describeAcls>): unknown[] {
  return resources.flatMap(({ acls, ...resource }) => acls.map((acl) => ({ ...resource, ...acl })));
}

/** As text, without what a response adds to a rule, and in an order of its own. */
const sorted = (acls: readonly unknown[]) =>
  acls.map((acl) => JSON.stringify(acl, Object.keys(wireAclOf(base)).sort())).sort();

describe('access rules', () => {
  it.for([
    ['anything', {}, [0, 1, 2, 3, 4, 5]],
    ['one type', { resourceType: resourceTypes.GROUP }, [5]],
    ['a name, of every pattern type', { resourceName: 'orders' }, [0, 1, 4]],
    ['a literal name', { resourceName: 'orders', patternType: patternTypes.LITERAL }, [0, 1]],
    ['a prefix', { resourceName: 'ord', patternType: patternTypes.PREFIXED }, [3]],
    ['all that covers a name', { resourceType: 2, resourceName: 'orders', patternType: 2 }, [0, 1, 2, 3, 4]],
    ['all that covers another name', { resourceType: 2, resourceName: 'ordinal', patternType: 2 }, [2, 3]],
    ['a principal', { principal: 'User:*' }, [2]],
    ['a host', { host: '10.0.0.1' }, [1]],
    ['an operation', { operation: aclOperations.DESCRIBE }, [2]],
    ['a permission type', { permissionType: permissionTypes.DENY }, [1]],
  ] as const)('are found, and deleted, by a filter for %s', async ([, filter, expected]) => {
    const connection = await (await startBroker({ authorization })).connect();
    const { results } = await create(connection, rules);
    expect(results.map(({ errorCode }) => errorCode)).toEqual(rules.map(() => 0));
    const wanted = sorted(expected.map((index) => wireAclOf(rules[index] as Acl)));

    const found = await connection.request(apis.describeAcls, 3, { ...anyAcl, ...filter });
    expect(sorted(listed(found))).toEqual(wanted);

    const deleted = await connection.request(apis.deleteAcls, 3, { filters: [{ ...anyAcl, ...filter }] });
    const gone = deleted.filterResults[0]?.matchingAcls ?? [];
    expect(new Set(gone.map(({ errorCode }) => errorCode))).toEqual(new Set([0]));
    expect(sorted(gone)).toEqual(wanted);
    const left = await connection.request(apis.describeAcls, 3, anyAcl);
    expect(listed(left)).toHaveLength(rules.length - expected.length);
  });

  it('survive a restart, and count once however often they are made (A6)', async () => {
    const broker = await startBroker({ authorization });
    const connection = await broker.connect();
    await create(connection, [...rules, ...rules]);
    await create(connection, rules);
    await broker.restart();
    const found = await (await broker.connect()).request(apis.describeAcls, 3, anyAcl);
    expect(sorted(listed(found))).toEqual(sorted(rules.map(wireAclOf)));
  });

  it('bind as soon as they are answered', async () => {
    const broker = await startBroker({ authorization: { superUsers: [], allowEveryoneIfNoAclFound: true } });
    const connection = await broker.connect();
    await createTopic(connection, 'orders');
    const code = async () => {
      const { topics } = await connection.request(apis.metadata, 9, { topics: [{ name: 'orders' }] });
      return topics[0]?.errorCode;
    };
    expect(await code()).toBe(0);
    await create(connection, [{ ...base, principal: 'User:somebody-else' }]);
    expect(await code()).toBe(errors.TOPIC_AUTHORIZATION_FAILED.code);
  });

  it.for([
    ['an unknown resource type', { resourceType: 6 }, 'expected resource type'],
    ['a pattern type for filters', { patternType: 2 }, 'expected pattern type'],
    ['an operation for filters', { operation: 1 }, 'expected an operation'],
    ['no permission', { permissionType: 1 }, 'expected permission type'],
    ['no name', { resourceName: '' }, 'expected a resource name'],
    ['a cluster of another name', { resourceType: 4, resourceName: 'mine' }, 'expected "kafka-cluster"'],
    ['a principal without its type', { principal: 'alice' }, 'expected a principal'],
    ['no host', { host: '' }, 'expected an address'],
  ] as const)('with %s are refused alone', async ([, wrong, message]) => {
    const connection = await (await startBroker({ authorization })).connect();
    const { results } = await connection.request(apis.createAcls, 3, {
      creations: [{ ...wireAclOf(base), ...wrong }, wireAclOf(base)],
    });
    expect(results).toMatchObject([
      { errorCode: errors.INVALID_REQUEST.code, errorMessage: expect.stringContaining(message) as string },
      { errorCode: 0 },
    ]);
    expect(listed(await connection.request(apis.describeAcls, 3, anyAcl))).toEqual([wireAclOf(base)]);
  });

  it('of a kind that the broker does not know are no filter', async () => {
    const connection = await (await startBroker({ authorization })).connect();
    const filter = { ...anyAcl, operation: 0 };
    const found = await connection.request(apis.describeAcls, 3, filter);
    expect(found).toMatchObject({ errorCode: errors.INVALID_REQUEST.code, resources: [] });
    const { filterResults } = await connection.request(apis.deleteAcls, 3, { filters: [filter] });
    expect(filterResults).toMatchObject([{ errorCode: errors.INVALID_REQUEST.code }]);
  });

  it('are not kept where nothing is authorised', async () => {
    const connection = await (await startBroker()).connect();
    const { code } = errors.SECURITY_DISABLED;
    expect(await create(connection, [base])).toMatchObject({ results: [{ errorCode: code }] });
    expect(await connection.request(apis.describeAcls, 3, anyAcl)).toMatchObject({ errorCode: code });
    const { filterResults } = await connection.request(apis.deleteAcls, 3, { filters: [anyAcl] });
    expect(filterResults).toMatchObject([{ errorCode: code }]);
  });

  it('that cannot be written do not count, then or later (A6)', async () => {
    const disk = unreliableDisk();
    const broker = await startBroker({ authorization, disk });
    const connection = await broker.connect();
    await create(connection, [base]);
    disk.failing = { writesTo: 'security' };
    const { results } = await create(connection, [{ ...base, resourceName: 'other' }]);
    const { filterResults } = await connection.request(apis.deleteAcls, 3, { filters: [anyAcl] });
    expect([...results, ...filterResults].map(({ errorCode }) => errorCode)).toEqual([
      errors.KAFKA_STORAGE_ERROR.code,
      errors.KAFKA_STORAGE_ERROR.code,
    ]);
    expect(listed(await connection.request(apis.describeAcls, 3, anyAcl))).toEqual([wireAclOf(base)]);
    disk.failing = {};
    await broker.restart();
    expect(listed(await (await broker.connect()).request(apis.describeAcls, 3, anyAcl))).toEqual([wireAclOf(base)]);
  });

  it('are refused above their maximum, all of the request', async () => {
    const connection = await (await startBroker({ authorization, limits: { aclsMax: 2 } })).connect();
    const { results } = await create(connection, rules.slice(0, 3));
    expect(new Set(results.map(({ errorCode }) => errorCode))).toEqual(new Set([errors.POLICY_VIOLATION.code]));
    expect(listed(await connection.request(apis.describeAcls, 3, anyAcl))).toEqual([]);
  });
});
