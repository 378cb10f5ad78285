/** A name and a password as they are (RFC 4616): only for connections that are encrypted, or do not leave the machine. */
export interface PlainToken {
  readonly authorizationId: string;
  readonly user: string;
  readonly password: string;
}

export function writePlain(user: string, password: string): Buffer {
  return Buffer.from(`\0${user}\0${password}`, 'utf8');
}

/** Null when it is no such token. */
export function readPlain(token: Buffer): PlainToken | null {
  const [authorizationId, user, password, ...more] = token.toString('utf8').split('\0');
  if (authorizationId === undefined || user === undefined || password === undefined || more.length > 0) return null;
  return user === '' || password === '' ? null : { authorizationId, user, password };
}
