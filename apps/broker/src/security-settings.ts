import { address, flag, type Settings, type SettingsTable } from '@millrace/config';
import { z } from 'zod';

const protocols = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'] as const;
const protocol = z.enum(protocols, { error: `expected one of ${protocols.join(', ')}` });
const mechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'] as const;
const file = z.string().min(1, 'expected the path of a file, found nothing').optional();

const LISTENER = /^(?<protocol>[A-Z_]+):\/\/(?<at>[^@]+)(?:@(?<advertised>.+))?$/;

const listener = z.string().transform((text, context) => {
  const { protocol: name, at, advertised } = LISTENER.exec(text)?.groups ?? {};
  const [kind, bound] = [protocol.safeParse(name), address.safeParse(at)];
  const told = advertised === undefined ? undefined : address.safeParse(advertised);
  if (!kind.success || !bound.success || told?.success === false) {
    context.addIssue(
      `expected protocol://host:port, with @host:port behind it if clients connect there, found "${text}"`,
    );
    return z.NEVER;
  }
  return { protocol: kind.data, ...bound.data, ...(told === undefined ? {} : { advertised: told.data }) };
});

/** Parts of a text between separators, without the space around them. */
const listOf = (separator: string) =>
  z.string().transform((text) =>
    text
      .split(separator)
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  );

/** The message must not repeat what was found: it holds passwords. */
const users = listOf(',').transform((pairs, context): Record<string, string> => {
  const parsed = pairs.map((pair) => /^([^:]+):(.+)$/s.exec(pair));
  if (parsed.some((match) => match === null)) context.addIssue('expected name:password, several separated by commas');
  return Object.fromEntries(parsed.map((match) => [match?.[1] ?? '', match?.[2] ?? '']));
});

/** Who gets to the broker, how, and what they may do there. */
export const securitySettings = {
  protocol: {
    schema: protocol.default('PLAINTEXT'),
    flag: 'protocol',
    variable: 'MILLRACE_PROTOCOL',
    help: `how clients of --kafka connect: ${protocols.join(', ')}`,
  },
  listeners: {
    schema: listOf(',').pipe(z.array(listener)).optional(),
    flag: 'listeners',
    variable: 'MILLRACE_LISTENERS',
    help: 'where else to listen: protocol://host:port[@advertised host:port], several separated by commas',
  },
  insecure: {
    schema: flag.default(false),
    flag: 'insecure',
    variable: 'MILLRACE_INSECURE',
    help: 'let other machines connect without saying who they are, or with passwords in the clear',
  },
  tlsCert: {
    schema: file,
    flag: 'tls-cert',
    variable: 'MILLRACE_TLS_CERT',
    help: 'certificate chain of the broker (PEM)',
  },
  tlsKey: { schema: file, flag: 'tls-key', variable: 'MILLRACE_TLS_KEY', help: 'private key of the certificate (PEM)' },
  tlsKeyPassword: {
    schema: z.string().optional(),
    variable: 'MILLRACE_TLS_KEY_PASSWORD',
    help: 'password of the private key',
  },
  tlsClientAuth: {
    schema: z.enum(['none', 'requested', 'required']).default('none'),
    flag: 'tls-client-auth',
    variable: 'MILLRACE_TLS_CLIENT_AUTH',
    help: 'whether clients show a certificate: none, requested, required',
  },
  tlsClientCa: {
    schema: file,
    flag: 'tls-client-ca',
    variable: 'MILLRACE_TLS_CLIENT_CA',
    help: 'authorities that issue the certificates of clients (PEM)',
  },
  tlsPrincipalRules: {
    schema: z.string().optional(),
    flag: 'tls-principal-rules',
    variable: 'MILLRACE_TLS_PRINCIPAL_RULES',
    help: "users from names in certificates, as Kafka's ssl.principal.mapping.rules",
  },
  saslMechanisms: {
    schema: listOf(',')
      .pipe(z.array(z.enum(mechanisms, { error: `expected some of ${mechanisms.join(', ')}` })))
      .prefault('SCRAM-SHA-512,SCRAM-SHA-256'),
    flag: 'sasl-mechanisms',
    variable: 'MILLRACE_SASL_MECHANISMS',
    help: `how clients say who they are: ${mechanisms.join(', ')}, separated by commas`,
  },
  users: {
    schema: users.optional(),
    variable: 'MILLRACE_USERS',
    help: 'users there from the start, super users by default: name:password, separated by commas',
  },
  oauthJwks: {
    schema: z
      .string()
      .refine((text) => !text.startsWith('http:') || /^http:\/\/(127\.|localhost[:/])/.test(text), {
        error: 'expected an https address (http only on this machine), or the path of a file',
      })
      .optional(),
    flag: 'oauth-jwks',
    variable: 'MILLRACE_OAUTH_JWKS',
    help: 'public keys of the issuer of tokens: https address or file',
  },
  oauthIssuer: {
    schema: z.string().optional(),
    flag: 'oauth-issuer',
    variable: 'MILLRACE_OAUTH_ISSUER',
    help: 'issuer of tokens',
  },
  oauthAudience: {
    schema: z.string().optional(),
    flag: 'oauth-audience',
    variable: 'MILLRACE_OAUTH_AUDIENCE',
    help: 'for whom tokens are made',
  },
  oauthPrincipalClaim: {
    schema: z.string().min(1).default('sub'),
    flag: 'oauth-principal-claim',
    variable: 'MILLRACE_OAUTH_PRINCIPAL_CLAIM',
    help: 'claim of a token that names the user',
  },
  oauthScope: {
    schema: z.string().min(1).optional(),
    flag: 'oauth-scope',
    variable: 'MILLRACE_OAUTH_SCOPE',
    help: 'scope that a token must have',
  },
  reauthMs: {
    schema: z.coerce.number({ error: 'expected milliseconds' }).int().min(0).default(0),
    flag: 'reauth-ms',
    variable: 'MILLRACE_REAUTH_MS',
    help: 'ms after which a client has to authenticate anew; 0: only when its token expires',
  },
  acl: {
    schema: flag.optional(),
    flag: 'acl',
    variable: 'MILLRACE_ACL',
    help: 'whether access rules decide who may do what; by default where clients have to say who they are',
  },
  superUsers: {
    schema: listOf(';').optional(),
    flag: 'super-users',
    variable: 'MILLRACE_SUPER_USERS',
    help: 'who may do everything: User:name, separated by semicolons; by default those of MILLRACE_USERS',
  },
  allowIfNoAcl: {
    schema: flag.default(false),
    flag: 'allow-if-no-acl',
    variable: 'MILLRACE_ALLOW_IF_NO_ACL',
    help: 'whether what no access rule covers is open to everybody',
  },
} as const satisfies SettingsTable;

export type SecuritySettings = Settings<typeof securitySettings>;
