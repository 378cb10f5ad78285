import type { Binding } from '@millrace/bpmn';

/** The latest version that is as wanted, of what is versioned from 1 on. `find` without a version gives the latest. */
export function latestWhere<Known extends { readonly version: number }>(
  find: (version?: number) => Known | undefined,
  isWanted: (known: Known) => boolean,
): Known | undefined {
  for (let version = find()?.version ?? 0; version > 0; version -= 1) {
    const known = find(version);
    if (known !== undefined && isWanted(known)) return known;
  }
  return undefined;
}

/** What a message adds to "to be deployed". */
export function howBound(binding: Binding): string {
  if (binding.kind === 'latest') return '';
  return binding.kind === 'deployment' ? ' together with the process' : ` with the version tag "${binding.versionTag}"`;
}
