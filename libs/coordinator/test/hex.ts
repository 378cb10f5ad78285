/** Hexadecimal digits with spaces between fields, so that a test can be read. */
export function hex(spaced: string): string {
  return spaced.replaceAll(' ', '');
}
