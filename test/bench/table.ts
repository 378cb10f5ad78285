/** One figure, with what it is compared to. */
export interface Row {
  readonly what: string;
  readonly value: string;
  /** The ratio to something measured in the same run, or the mark that the figure is held against. */
  readonly against: string;
}

export function printTable(title: string, rows: readonly Row[]): void {
  const cells = rows.map((row) => [row.what, row.value, row.against]);
  const widths = [0, 1, 2].map((column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  console.log(`\n${title}`);
  for (const row of cells)
    console.log(`  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd());
}

/** The value below which the given share of the samples lies (nearest rank). */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
