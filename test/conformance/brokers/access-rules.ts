import { apis } from '@millrace/wire';
import { expect } from 'vitest';
import type { Acl } from '../../../libs/broker/src/security/acl.ts';
import { wireAclOf } from '../../../libs/broker/src/security/acl-wire.ts';
import type { WireConnection } from '../../../libs/broker/test/wire-connection.ts';
import { until } from '../../support/until.ts';
import { anyAcl } from '../../../libs/broker/test/security/any-acl.ts';

/** Makes these the rules of the broker, and waits until it goes by them. */
export async function setAcls(admin: WireConnection, acls: readonly Acl[]): Promise<void> {
  await admin.request(apis.deleteAcls, 3, { filters: [anyAcl] });
  if (acls.length > 0) {
    const { results } = await admin.request(apis.createAcls, 3, { creations: acls.map(wireAclOf) });
    expect(results.map(({ errorCode }) => errorCode)).toEqual(acls.map(() => 0));
  }
  await until('the rules', async () => {
    const { resources } = await admin.request(apis.describeAcls, 3, anyAcl);
    return resources.flatMap((resource) => resource.acls).length === acls.length;
  });
}
