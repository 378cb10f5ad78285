/** Makes the name of a user from the distinguished name of its certificate. */
export type PrincipalMapping = (distinguishedName: string) => string;

interface Rule {
  readonly pattern: RegExp;
  readonly replacement: string;
  readonly change: (name: string) => string;
}

const RULE = /\s*(?:(DEFAULT)|RULE:((?:\\.|[^\\/])*)\/((?:\\.|[^\\/])*)\/([LU]?))\s*(?:,|$)/y;

/**
 * Kafka's `ssl.principal.mapping.rules` (KIP-371): rules separated by commas, of which the first whose pattern is the whole
 * name counts. `DEFAULT`, and a name that no rule fits, leave it as it is.
 *
 * @throws SyntaxError when it is no such list
 */
export function principalMapping(rules: string | undefined): PrincipalMapping {
  const parsed = parse(rules ?? 'DEFAULT');
  return (distinguishedName) => {
    for (const { pattern, replacement, change } of parsed) {
      if (pattern.test(distinguishedName)) return change(distinguishedName.replace(pattern, replacement));
    }
    return distinguishedName;
  };
}

function parse(text: string): Rule[] {
  const rules: Rule[] = [];
  for (RULE.lastIndex = 0; RULE.lastIndex < text.length; ) {
    const at = RULE.lastIndex;
    const match = RULE.exec(text);
    if (match === null) {
      throw new SyntaxError(`expected RULE:pattern/replacement/[L|U] or DEFAULT, found "${text.slice(at)}"`);
    }
    const [, byDefault, pattern = '', replacement = '', letters] = match;
    if (byDefault !== undefined) rules.push({ pattern: /^/, replacement: '', change: (name) => name });
    else rules.push({ pattern: new RegExp(`^(?:${pattern})$`), replacement, change: changeOf(letters) });
  }
  return rules;
}

function changeOf(letters: string | undefined): (name: string) => string {
  if (letters === 'L') return (name) => name.toLowerCase();
  return letters === 'U' ? (name) => name.toUpperCase() : (name) => name;
}

/** The subject of a certificate as RFC 4514 writes it: the most specific part first, as in Kafka. */
export function distinguishedNameOf(subject: string): string {
  return subject
    .split('\n')
    .filter((part) => part !== '')
    .reverse()
    .join(',');
}
