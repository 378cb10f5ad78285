/** `1`, `-1.5`, `.5`, `1e3`. White space may stand behind the sign. */
export function numberLiteral(text: string): number {
  const value = Number(text.replaceAll(/\s+/g, ''));
  return value === 0 ? 0 : value;
}

const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{6})|(.))/gs;
const escaped: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', "'": "'", '\\': '\\' };

/** With its quotes. An escape that FEEL does not know stays as it is, for regular expressions. */
export function stringLiteral(text: string): string {
  const inner = text.slice(1, text.endsWith('"') && text.length > 1 ? -1 : undefined);
  return inner.replaceAll(ESCAPE, (all, four?: string, six?: string, one?: string) => {
    if (four !== undefined) return String.fromCharCode(Number.parseInt(four, 16));
    if (six !== undefined) {
      const point = Number.parseInt(six, 16);
      return point <= 0x10_ff_ff ? String.fromCodePoint(point) : all;
    }
    return (one === undefined ? undefined : escaped[one]) ?? all;
  });
}
