import { checkSettings, helpText, readSettings, SettingsError } from '@millrace/config';
import { describe, expect, it } from 'vitest';
import { checkSecurity, isSecured, securitySettings } from '../src/index.ts';
import { securityOf } from '../src/security.ts';
import { protocolOf } from '../src/security.ts';

const settingsOf = (environment: Record<string, string>) => readSettings(securitySettings, [], environment);

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    checkSecurity(settingsOf(environment));
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

const USERS = { MILLRACE_USERS: 'admin:se:cret, alice:other' };

describe('settings of security', () => {
  it('are all off by default', () => {
    const settings = settingsOf({});
    expect(isSecured(settings)).toBe(false);
    expect(securityOf(settings)).toEqual({
      allowInsecureListeners: false,
      authentication: { users: {}, maxReauthMs: 0 },
    });
  });

  it('let the users of the start decide who else may do what, where clients say who they are', () => {
    const settings = settingsOf({ ...USERS, MILLRACE_PROTOCOL: 'SASL_PLAINTEXT' });
    expect(securityOf(settings)).toMatchObject({
      authentication: { users: { admin: 'se:cret', alice: 'other' } },
      authorization: { superUsers: ['User:admin', 'User:alice'], allowEveryoneIfNoAclFound: false },
    });
    const some = settingsOf({
      ...USERS,
      MILLRACE_PROTOCOL: 'SASL_PLAINTEXT',
      MILLRACE_SUPER_USERS: 'User:a,b; User:c',
    });
    expect(securityOf(some).authorization?.superUsers).toEqual(['User:a,b', 'User:c']);
    const open = settingsOf({ MILLRACE_PROTOCOL: 'SASL_PLAINTEXT', MILLRACE_ACL: 'false' });
    expect(securityOf(open)).not.toHaveProperty('authorization');
  });

  it('give the process that runs the broker a user of its own', () => {
    const settings = settingsOf({ ...USERS, MILLRACE_PROTOCOL: 'SASL_PLAINTEXT' });
    const { authentication, authorization } = securityOf(settings, { user: 'engine', password: 'x' });
    expect(authentication?.users).toMatchObject({ admin: 'se:cret', engine: 'x' });
    expect(authorization?.superUsers).toContain('User:engine');
  });

  it('make each listener what its protocol says', () => {
    const settings = settingsOf({
      ...USERS,
      MILLRACE_LISTENERS: 'SASL_SSL://0.0.0.0:9093@broker.example:19093, SSL://[::1]:9094',
      MILLRACE_TLS_CERT: 'c.pem',
      MILLRACE_TLS_KEY: 'k.pem',
      MILLRACE_TLS_CLIENT_AUTH: 'required',
      MILLRACE_SASL_MECHANISMS: 'PLAIN',
    });
    expect(settings.listeners).toEqual([
      { protocol: 'SASL_SSL', host: '0.0.0.0', port: 9093, advertised: { host: 'broker.example', port: 19_093 } },
      { protocol: 'SSL', host: '::1', port: 9094 },
    ]);
    expect(protocolOf('PLAINTEXT', settings)).toEqual({});
    expect(protocolOf('SSL', settings)).toEqual({
      tls: { certificateFile: 'c.pem', keyFile: 'k.pem', clientAuth: 'required' },
    });
    expect(protocolOf('SASL_SSL', settings)).toEqual({
      tls: { certificateFile: 'c.pem', keyFile: 'k.pem', clientAuth: 'none' },
      sasl: { mechanisms: ['PLAIN'] },
    });
  });

  it.for([
    ['TLS without a certificate', { MILLRACE_PROTOCOL: 'SSL' }, '--tls-cert and --tls-key'],
    [
      'tokens without an issuer',
      { ...USERS, MILLRACE_PROTOCOL: 'SASL_PLAINTEXT', MILLRACE_SASL_MECHANISMS: 'OAUTHBEARER' },
      '--oauth-jwks, --oauth-issuer and --oauth-audience',
    ],
    ['nobody who could grant anything', { MILLRACE_PROTOCOL: 'SASL_PLAINTEXT' }, 'MILLRACE_USERS or --super-users'],
    [
      'keys that anybody on the way could change',
      { MILLRACE_OAUTH_JWKS: 'http://issuer.example/jwks' },
      'expected an https',
    ],
    ['another protocol', { MILLRACE_PROTOCOL: 'TLS' }, 'expected one of PLAINTEXT'],
    ['another mechanism', { MILLRACE_SASL_MECHANISMS: 'GSSAPI' }, 'expected some of PLAIN'],
    ['a listener without its protocol', { MILLRACE_LISTENERS: '0.0.0.0:9093' }, 'expected protocol://host:port'],
  ] as const)('are refused with %s', ([, environment, problem]) => {
    expect(problemsOf(environment as Record<string, string>).join()).toContain(problem);
  });

  it('are refused without repeating a password, and tell none in the help', () => {
    const problems = problemsOf({ MILLRACE_USERS: 'admin:fine,s3cr3t-without-a-name' });
    expect(problems.join()).toContain('expected name:password');
    expect(problems.join()).not.toContain('s3cr3t');
    expect(helpText(securitySettings)).not.toMatch(/--users|--tls-key-password/);
  });

  it('are plain data, that can go to a worker thread', () => {
    const settings = checkSettings(securitySettings, { users: 'a:b', listeners: 'SSL://127.0.0.1:1' });
    expect(structuredClone(settings)).toEqual(settings);
  });
});
