import type { Outcome } from './run-directory.ts';

/** Cases that are known to fail, each with the reason: lines of `folder/case id: reason`, or `folder: reason` for a whole folder. */
export function readKnown(text: string): ReadonlyMap<string, string> {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const split = line.indexOf(': ');
      if (split === -1) throw new Error(`expected lines of "folder/case id: reason", found "${line}"`);
      return [line.slice(0, split).trim(), line.slice(split + 2).trim()] as const;
    }),
  );
}

export interface Report {
  /** A line per folder, then the total: `2,900 of 3,250`. */
  readonly table: string;
  /** Failures that are not known. */
  readonly failures: readonly string[];
  /** What is listed as failing and passes: the list is to be mended. */
  readonly outdated: readonly string[];
}

export function reportOn(outcomes: readonly Outcome[], known: ReadonlyMap<string, string>): Report {
  const folders = Map.groupBy(outcomes, ({ folder }) => folder);
  const rows = [...folders].map(([folder, all]) => [folder, passed(all), String(all.length)] as const);
  const width = Math.max(0, ...rows.map(([folder]) => folder.length));
  const lines = rows.map(
    ([folder, passes, all]) => `${folder.padEnd(width)}  ${String(passes).padStart(6)}  ${all.padStart(6)}`,
  );
  const total = `${counted(passed(outcomes))} of ${counted(outcomes.length)}`;
  const failed = outcomes.filter(({ fault }) => fault !== undefined);
  const listed = new Set(failed.flatMap(({ folder, caseId }) => [folder, `${folder}/${caseId}`]));
  const run = new Set(outcomes.flatMap(({ folder, caseId }) => [folder, `${folder}/${caseId}`]));
  return {
    table: [...lines, total].join('\n'),
    failures: failed
      .filter(({ folder, caseId }) => !known.has(folder) && !known.has(`${folder}/${caseId}`))
      .map(({ folder, caseId, fault }) => `${folder}/${caseId}: ${fault ?? ''}`),
    outdated: [...known.keys()].filter((name) => run.has(name) && !listed.has(name)),
  };
}

function passed(outcomes: readonly Outcome[]): number {
  return outcomes.filter(({ fault }) => fault === undefined).length;
}

function counted(count: number): string {
  return count.toLocaleString('en-US');
}
