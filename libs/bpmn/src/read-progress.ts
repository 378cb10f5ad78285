import type { Back } from './model-node-actions.ts';
import type { FlowNode } from './model.ts';
import { type ModdleElement, describe, text } from '@millrace/moddle';
import { extension } from './moddle.ts';
import type { Reading } from './reading.ts';

const PROGRESS_NAME_LENGTH_MAX = 200;
const VARIABLE = /^[\p{L}_][\p{L}\p{N}_]*$/u;
/** What a token can be put into again. */
const activity = /(Task|CallActivity|SubProcess|Transaction)$/;

/** `millrace:stage`, `millrace:milestone` and `millrace:back`. */
export function readProgress(reading: Reading, element: ModdleElement): Pick<FlowNode, 'stage' | 'milestone' | 'back'> {
  const stage = readName(reading, element, 'millrace:Stage', 'stage');
  const milestone = readName(reading, element, 'millrace:Milestone', 'milestone');
  const back = readBack(reading, element);
  return {
    ...(stage === undefined ? {} : { stage }),
    ...(milestone === undefined ? {} : { milestone }),
    ...(back && { back }),
  };
}

function readName(reading: Reading, element: ModdleElement, type: string, what: string): string | undefined {
  const found = extension(element, type);
  if (found === undefined) return undefined;
  const name = text(found, 'name') ?? '';
  if (name !== '' && name.length <= PROGRESS_NAME_LENGTH_MAX) return name;
  const wrong = `expected the millrace:${what} of ${describe(element)} to have a name of at most ${PROGRESS_NAME_LENGTH_MAX} characters, found "${name}"`;
  reading.problems.error(element, 'stage', wrong);
  return undefined;
}

function readBack(reading: Reading, element: ModdleElement): Back | undefined {
  const back = extension(element, 'millrace:Back');
  if (back === undefined) return undefined;
  const refuse = (wrong: string): undefined => reading.problems.error(element, 'stage', wrong) as undefined;
  if (!activity.test(element.$type) || element.get('triggeredByEvent') === true) {
    return refuse(`expected ${describe(element)}, which has a millrace:back, to be an activity that a flow leads to`);
  }
  if (element.get('isForCompensation') === true || element.get('instantiate') === true) {
    return refuse(`expected ${describe(element)}, which has a millrace:back, to be reached by a flow`);
  }
  const remove = (text(back, 'remove') ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const unfit = remove.find((name) => !VARIABLE.test(name) || name === '__proto__');
  if (unfit === undefined) return { remove };
  return refuse(`expected the millrace:back of ${describe(element)} to remove variables, found "${unfit}"`);
}
