import { type ModdleElement, describe, text } from '@millrace/moddle';
import type { Binding } from './model.ts';
import type { Rule } from './problem.ts';
import type { Reading } from './reading.ts';

/** Which version is meant of what an element names: `bindingType` and `versionTag` of the extension element that names it. */
export function readBinding(
  reading: Reading,
  owner: ModdleElement,
  definition: ModdleElement,
  rule: Rule,
): Binding | undefined {
  const kind = text(definition, 'bindingType') ?? 'latest';
  if (kind === 'latest' || kind === 'deployment') return { kind };
  const versionTag = text(definition, 'versionTag');
  if (kind === 'versionTag' && versionTag !== undefined) return { kind, versionTag };
  const wrong =
    kind === 'versionTag'
      ? `expected ${describe(owner)}, bound to a version tag, to name the versionTag`
      : `expected the bindingType of ${describe(owner)} to be latest, deployment or versionTag, found "${kind}"`;
  reading.problems.error(owner, rule, wrong);
  return undefined;
}
