import type { BrokerOptions, ListenerOptions } from '@millrace/broker';
import { assert } from '@millrace/std';
import type { SecuritySettings } from './security-settings.ts';

/** Somebody who may do everything, made by the process that runs the broker, for itself. */
export interface InternalUser {
  readonly user: string;
  readonly password: string;
}

type Secured = Pick<BrokerOptions, 'authentication' | 'authorization' | 'allowInsecureListeners'>;
type Protocol = SecuritySettings['protocol'];

/** Whether anything in the settings asks who clients are, or decides what they may do. */
export function isSecured(settings: SecuritySettings): boolean {
  return isAuthenticated(settings) || settings.acl === true || settings.protocol !== 'PLAINTEXT';
}

/** What the settings make of the broker, after `checkSecurity` found nothing missing among them. */
export function securityOf(settings: SecuritySettings, internal?: InternalUser): Secured {
  const problems = securityProblems(settings);
  assert(problems.length === 0, problems.join('; '));
  const { users = {}, oauthJwks: jwks, oauthIssuer: issuer, oauthAudience: audience, oauthScope: scope } = settings;
  const superUsers = settings.superUsers ?? Object.keys(users).map((user) => `User:${user}`);
  return {
    allowInsecureListeners: settings.insecure,
    authentication: {
      users: internal === undefined ? users : { ...users, [internal.user]: internal.password },
      maxReauthMs: settings.reauthMs,
      ...(jwks !== undefined && issuer !== undefined && audience !== undefined
        ? {
            oauthBearer: {
              jwks,
              issuer,
              audience,
              principalClaim: settings.oauthPrincipalClaim,
              ...(scope === undefined ? {} : { scope }),
            },
          }
        : {}),
    },
    ...((settings.acl ?? isAuthenticated(settings))
      ? {
          authorization: {
            superUsers: internal === undefined ? superUsers : [...superUsers, `User:${internal.user}`],
            allowEveryoneIfNoAclFound: settings.allowIfNoAcl,
          },
        }
      : {}),
  };
}

/** The protocol as the listener has it. */
export function protocolOf(protocol: Protocol, settings: SecuritySettings): Pick<ListenerOptions, 'tls' | 'sasl'> {
  const { tlsCert = '', tlsKey = '', tlsKeyPassword, tlsClientCa, tlsPrincipalRules } = settings;
  const tls = {
    certificateFile: tlsCert,
    keyFile: tlsKey,
    // As in Kafka: where SASL says who a client is, its certificate does not.
    clientAuth: hasSasl(protocol) ? ('none' as const) : settings.tlsClientAuth,
    ...(tlsKeyPassword === undefined ? {} : { keyPassword: tlsKeyPassword }),
    ...(tlsClientCa === undefined ? {} : { clientAuthorityFile: tlsClientCa }),
    ...(tlsPrincipalRules === undefined ? {} : { principalMappingRules: tlsPrincipalRules }),
  };
  return {
    ...(hasTls(protocol) ? { tls } : {}),
    ...(hasSasl(protocol) ? { sasl: { mechanisms: settings.saslMechanisms } } : {}),
  };
}

/** One sentence for each setting that is missing beside the others. */
export function securityProblems(settings: SecuritySettings): string[] {
  const { tlsCert, tlsKey, saslMechanisms, users } = settings;
  const used = protocolsOf(settings);
  const problems: string[] = [];
  const expect = (isFine: boolean, problem: string): void => void (isFine || problems.push(problem));
  const hasKeys = tlsCert !== undefined && tlsKey !== undefined;
  expect(!used.some(hasTls) || hasKeys, 'expected --tls-cert and --tls-key for a listener with TLS');
  const wantsToken = used.some(hasSasl) && saslMechanisms.includes('OAUTHBEARER');
  const hasIssuer = [settings.oauthJwks, settings.oauthIssuer, settings.oauthAudience].every(
    (one) => one !== undefined,
  );
  expect(!wantsToken || hasIssuer, 'expected --oauth-jwks, --oauth-issuer and --oauth-audience for OAUTHBEARER');
  expect(!used.some(hasSasl) || saslMechanisms.length > 0, 'expected at least one of --sasl-mechanisms');
  const isAuthorised = settings.acl ?? isAuthenticated(settings);
  expect(
    !isAuthorised || settings.superUsers !== undefined || users !== undefined,
    'expected MILLRACE_USERS or --super-users, so that somebody can grant the first permissions; or --acl false',
  );
  return problems;
}

function isAuthenticated(settings: SecuritySettings): boolean {
  const used = protocolsOf(settings);
  return used.some(hasSasl) || (used.includes('SSL') && settings.tlsClientAuth !== 'none');
}

function protocolsOf({ protocol, listeners = [] }: SecuritySettings): Protocol[] {
  return [protocol, ...listeners.map((one) => one.protocol)];
}

const hasTls = (protocol: Protocol): boolean => protocol === 'SSL' || protocol === 'SASL_SSL';
const hasSasl = (protocol: Protocol): boolean => protocol === 'SASL_PLAINTEXT' || protocol === 'SASL_SSL';
