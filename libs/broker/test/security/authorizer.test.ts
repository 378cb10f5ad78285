import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Acl,
  type AclOperation,
  clusterResource,
  groupResource,
  topicResource,
  transactionalIdResource,
} from '../../src/security/acl.ts';
import { AclTable } from '../../src/security/acl-table.ts';
import { Authorizer } from '../../src/security/authorizer.ts';

const alice = { principal: 'User:alice', host: '10.0.0.1' };

const base: Acl = {
  resourceType: 'TOPIC',
  resourceName: 'orders',
  patternType: 'LITERAL',
  principal: 'User:alice',
  host: '*',
  operation: 'READ',
  permission: 'ALLOW',
};

const authorizer = (acls: readonly Partial<Acl>[], options: { superUsers?: string[]; open?: boolean } = {}) =>
  new Authorizer({
    acls: new AclTable(acls.map((acl) => ({ ...base, ...acl }))),
    superUsers: options.superUsers ?? [],
    allowEveryoneIfNoAclFound: options.open ?? false,
  });

describe('the authorizer', () => {
  it.for([
    ['the resource of that name', {}, 'orders', true],
    ['no other', {}, 'orders-2', false],
    ['every resource for "*"', { resourceName: '*' }, 'anything', true],
    ['what begins with a prefix', { resourceName: 'ord', patternType: 'PREFIXED' }, 'orders', true],
    ['the prefix itself', { resourceName: 'orders', patternType: 'PREFIXED' }, 'orders', true],
    ['nothing that is shorter than the prefix', { resourceName: 'orders', patternType: 'PREFIXED' }, 'order', false],
    ['nothing for a prefix "*" but names with a star', { resourceName: '*', patternType: 'PREFIXED' }, 'orders', false],
    ['everybody for User:*', { principal: 'User:*' }, 'orders', true],
    ['nobody else', { principal: 'User:bob' }, 'orders', false],
    ['the address it names', { host: '10.0.0.1' }, 'orders', true],
    ['no other address', { host: '10.0.0.2' }, 'orders', false],
    ['another type of resource for none', { resourceType: 'GROUP' }, 'orders', false],
    ['every operation for ALL', { operation: 'ALL' }, 'orders', true],
    ['no other operation', { operation: 'WRITE' }, 'orders', false],
  ] as const)('lets a rule speak of %s', ([, acl, topic, isAllowed]) => {
    expect(authorizer([acl]).allows(alice, 'READ', topicResource(topic))).toBe(isAllowed);
  });

  it.for([
    ['DESCRIBE', 'READ'],
    ['DESCRIBE', 'WRITE'],
    ['DESCRIBE', 'DELETE'],
    ['DESCRIBE', 'ALTER'],
    ['DESCRIBE_CONFIGS', 'ALTER_CONFIGS'],
  ] as const)('takes %s to be implied by %s, when allowed and not when denied (A4)', ([operation, implying]) => {
    const resource = topicResource('orders');
    expect(authorizer([{ operation: implying }]).allows(alice, operation, resource)).toBe(true);
    const denied = authorizer([{ operation }, { operation: implying, permission: 'DENY' }]);
    expect(denied.allows(alice, operation, resource)).toBe(true);
    expect(denied.allows(alice, implying, resource)).toBe(false);
  });

  it.for([
    ['CREATE', 'DESCRIBE'],
    ['READ', 'DESCRIBE'],
    ['DESCRIBE', 'DESCRIBE_CONFIGS'],
    ['ALTER', 'ALTER_CONFIGS'],
  ] as const)('does not let %s give %s', ([given, asked]) => {
    const one = authorizer([{ operation: given }]);
    expect(one.allows(alice, asked, topicResource('orders'))).toBe(given === 'READ');
  });

  it('refuses what one denial fits, whatever is allowed (A2)', () => {
    const one = authorizer([
      { operation: 'ALL', resourceName: '*' },
      { resourceName: 'ord', patternType: 'PREFIXED', permission: 'DENY', principal: 'User:*' },
    ]);
    expect(one.allows(alice, 'READ', topicResource('orders'))).toBe(false);
    expect(one.allows(alice, 'READ', topicResource('payments'))).toBe(true);
    expect(one.allows(alice, 'WRITE', topicResource('orders'))).toBe(true);
  });

  it('lets a super user do everything, even what is denied (A1)', () => {
    const one = authorizer([{ permission: 'DENY', operation: 'ALL' }], { superUsers: ['User:alice'] });
    for (const resource of [topicResource('orders'), groupResource('g'), transactionalIdResource('t'), clusterResource])
      expect(one.allows(alice, 'ALTER', resource)).toBe(true);
    expect(one.allowsAny(alice, 'WRITE', 'TOPIC')).toBe(true);
  });

  it('opens what no rule speaks of only where that is asked for (A3)', () => {
    expect(authorizer([]).allows(alice, 'READ', topicResource('free'))).toBe(false);
    const open = authorizer([{ principal: 'User:bob' }], { open: true });
    expect(open.allows(alice, 'READ', topicResource('free'))).toBe(true);
    expect(open.allows(alice, 'READ', topicResource('orders'))).toBe(false);
  });

  it.for([
    ['a permission on some topic', [{ operation: 'WRITE' }], true],
    ['none', [{ operation: 'READ' }], false],
    ['one that a denial takes away', [{ operation: 'WRITE' }, { operation: 'WRITE', permission: 'DENY' }], false],
    [
      'one wider than the denial',
      [
        { operation: 'WRITE', patternType: 'PREFIXED' },
        { operation: 'WRITE', permission: 'DENY' },
      ],
      true,
    ],
    [
      'one under a denied prefix',
      [{ operation: 'WRITE' }, { operation: 'ALL', resourceName: 'o', patternType: 'PREFIXED', permission: 'DENY' }],
      false,
    ],
    [
      'everything denied',
      [{ operation: 'WRITE' }, { operation: 'WRITE', resourceName: '*', permission: 'DENY', principal: 'User:*' }],
      false,
    ],
  ] as const)('finds whether anything may be written with %s', ([, acls, isAllowed]) => {
    expect(authorizer(acls as readonly Partial<Acl>[]).allowsAny(alice, 'WRITE', 'TOPIC')).toBe(isAllowed);
  });

  it('tells the allowed operations as bits (KIP-430)', () => {
    const one = authorizer([{ operation: 'READ' }, { operation: 'ALTER_CONFIGS' }]);
    const bits = (operations: readonly number[]) => operations.reduce((sum, bit) => sum | (1 << bit), 0);
    expect(one.operations(alice, topicResource('orders'))).toBe(bits([3, 8, 10, 11]));
    expect(one.operations(alice, topicResource('other'))).toBe(0);
  });

  it('never allows by adding a denial, nor refuses by adding a permission', () => {
    const acls = fc.array(
      fc.record({
        resourceName: fc.constantFrom('*', 'o', 'or', 'orders'),
        patternType: fc.constantFrom('LITERAL', 'PREFIXED'),
        principal: fc.constantFrom('User:alice', 'User:bob', 'User:*'),
        host: fc.constantFrom('*', '10.0.0.1', '10.0.0.2'),
        operation: fc.constantFrom<AclOperation>('ALL', 'READ', 'WRITE', 'DESCRIBE'),
        permission: fc.constantFrom('ALLOW', 'DENY'),
      }),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(acls, fc.constantFrom<AclOperation>('READ', 'WRITE', 'DESCRIBE'), (all, operation) => {
        const resource = topicResource('orders');
        const before = authorizer(all.slice(1)).allows(alice, operation, resource);
        const after = authorizer(all).allows(alice, operation, resource);
        if (before !== after) expect(after).toBe(all[0]?.permission === 'ALLOW');
      }),
    );
  });

  it('forgets a rule that is deleted, and prefixes of its length with it', () => {
    const table = new AclTable();
    const rules: Acl[] = ['a', 'b'].map((resourceName) => ({ ...base, resourceName, patternType: 'PREFIXED' }));
    for (const rule of [...rules, ...rules]) table.add(rule);
    expect(table.count).toBe(2);
    table.delete(rules[0] as Acl);
    table.delete(rules[0] as Acl);
    expect(table.covering(topicResource('ab'))).toEqual([]);
    expect(table.covering(topicResource('ba'))).toEqual([rules[1]]);
    expect(table.count).toBe(1);
  });
});
