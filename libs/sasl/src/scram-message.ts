/** The messages of RFC 5802, section 7. Reading gives null for what is none; channel binding and `m=` are none of ours. */

export interface ClientFirst {
  /** `n,` and the identity to act as: comes back in the last message. */
  readonly gs2Header: string;
  readonly authorizationId: string;
  readonly user: string;
  readonly nonce: string;
  /** The part that is signed. */
  readonly bare: string;
}

export interface ServerFirst {
  readonly nonce: string;
  readonly salt: string;
  readonly iterations: number;
}

export interface ClientFinal {
  readonly binding: string;
  readonly nonce: string;
  readonly proof: string;
  /** The part that is signed. */
  readonly withoutProof: string;
}

const NONCE = '[!-+\\--~]+';
const BASE64 = '[A-Za-z0-9+/]+={0,2}';
const clientFirst = new RegExp(`^([ny],(?:a=([^,]*))?,)(n=([^,]+),r=(${NONCE})(?:,[A-Za-z]+=[^,]*)*)$`);
const serverFirst = new RegExp(`^r=(${NONCE}),s=(${BASE64}),i=([1-9]\\d{0,9})(?:,[A-Za-z]=[^,]*)*$`);
const clientFinal = new RegExp(`^(c=(${BASE64}),r=(${NONCE})(?:,[A-Za-z]=[^,]*)*),p=(${BASE64})$`);

export function readClientFirst(text: string): ClientFirst | null {
  const [, gs2Header = '', authorizationId = '', bare = '', name = '', nonce = ''] = clientFirst.exec(text) ?? [];
  const [user, actAs] = [unescaped(name), unescaped(authorizationId)];
  if (bare === '' || user === null || actAs === null) return null;
  return { gs2Header, authorizationId: actAs, user, nonce, bare };
}

export function clientFirstBare(user: string, nonce: string, extensions = ''): string {
  return `n=${user.replaceAll('=', '=3D').replaceAll(',', '=2C')},r=${nonce}${extensions}`;
}

export function readServerFirst(text: string): ServerFirst | null {
  const [, nonce, salt, iterations] = serverFirst.exec(text) ?? [];
  if (nonce === undefined || salt === undefined) return null;
  return { nonce, salt, iterations: Number(iterations) };
}

export function writeServerFirst({ nonce, salt, iterations }: ServerFirst): string {
  return `r=${nonce},s=${salt},i=${iterations}`;
}

export function readClientFinal(text: string): ClientFinal | null {
  const [, withoutProof, binding, nonce, proof] = clientFinal.exec(text) ?? [];
  if (withoutProof === undefined || binding === undefined || nonce === undefined || proof === undefined) return null;
  return { withoutProof, binding, nonce, proof };
}

/** A name as it is: `=2C` and `=3D` stand for what separates attributes. Null when another `=` is in it. */
function unescaped(name: string): string | null {
  if (/=(?!2C|3D)/.test(name)) return null;
  return name.replaceAll('=2C', ',').replaceAll('=3D', '=');
}
