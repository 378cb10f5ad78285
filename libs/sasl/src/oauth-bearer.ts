/** A bearer token (RFC 7628, section 3.1). Extensions (KIP-342) are key and value. */
export interface OAuthBearerToken {
  readonly authorizationId: string;
  readonly token: string;
}

const SEPARATOR = '\x01';

export function writeOAuthBearer(token: string, extensions: Readonly<Record<string, string>> = {}): Buffer {
  const pairs = Object.entries(extensions).map(([key, value]) => `${key}=${value}${SEPARATOR}`);
  return Buffer.from(`n,,${SEPARATOR}auth=Bearer ${token}${SEPARATOR}${pairs.join('')}${SEPARATOR}`, 'utf8');
}

/** Null when it is no such token. Extensions are read over: nobody here asks for them. */
export function readOAuthBearer(bytes: Buffer): OAuthBearerToken | null {
  const [header = '', ...pairs] = bytes.toString('utf8').split(SEPARATOR);
  const gs2 = /^[ny],(?:a=([^,]*))?,$/.exec(header);
  const isEnded = pairs.length >= 3 && pairs.at(-1) === '' && pairs.at(-2) === '';
  const auth = pairs.find((pair) => pair.startsWith('auth='));
  const token = /^auth=bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(auth ?? '')?.[1];
  if (gs2 === null || !isEnded || token === undefined) return null;
  return { authorizationId: gs2[1] ?? '', token };
}
