/** The rows of the first table in a Markdown text, below its header: the cells of each, trimmed. */
export function tableRows(markdown: string): string[][] {
  const lines = markdown.split('\n');
  const first = lines.findIndex((line) => line.startsWith('|---'));
  const after = lines.slice(first + 1);
  const count = after.findIndex((line) => !line.startsWith('|'));
  return after.slice(0, count === -1 ? after.length : count).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** What stands between backticks. */
export function codeIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? '');
}
