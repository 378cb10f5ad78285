import { type ModdleElement, describe, one, text } from '@millrace/moddle';
import type { Expression } from './model.ts';
import type { Loop, MultiInstance, StandardLoop } from './model-loops.ts';
import { extension } from './moddle.ts';
import { readBehavior } from './read-behavior.ts';
import { type Reading, optionalExpression, readExpression } from './reading.ts';

/** Zeebe's limit on what a loop may do is time; ours is a number that the model can be checked for. */
const LOOP_MAXIMUM_MAX = 1_000_000;

/** `loopCharacteristics` of an activity; undefined without a problem when it has none. */
export function readLoop(reading: Reading, owner: ModdleElement): Loop | undefined {
  const loop = one(owner, 'loopCharacteristics');
  if (loop === undefined) return undefined;
  if (owner.get('triggeredByEvent') === true || owner.get('instantiate') === true) {
    const wrong = `expected ${describe(owner)}, which an event starts, not to be a loop`;
    reading.problems.error(owner, 'loop', wrong);
    return undefined;
  }
  return loop.$type === 'bpmn:StandardLoopCharacteristics'
    ? readStandardLoop(reading, owner, loop)
    : readMultiInstance(reading, owner, loop);
}

function readStandardLoop(reading: Reading, owner: ModdleElement, loop: ModdleElement): StandardLoop | undefined {
  const condition = readFeel(reading, owner, loop, 'loopCondition');
  const maximum = loop.get('loopMaximum');
  if (
    maximum !== undefined &&
    !(Number.isInteger(maximum) && Number(maximum) > 0 && Number(maximum) <= LOOP_MAXIMUM_MAX)
  ) {
    const wrong = `expected the loopMaximum of ${describe(owner)} to be a whole number from 1 to ${LOOP_MAXIMUM_MAX}, found ${JSON.stringify(maximum)}`;
    reading.problems.error(owner, 'loop', wrong);
    return undefined;
  }
  if (condition === undefined && maximum === undefined) {
    if (one(loop, 'loopCondition') !== undefined) return undefined;
    const wrong = `expected the loop of ${describe(owner)} to have a loopCondition or a loopMaximum: it would never end`;
    reading.problems.error(owner, 'loop', wrong);
    return undefined;
  }
  return {
    kind: 'standardLoop',
    testBefore: loop.get('testBefore') === true,
    ...(condition === undefined ? {} : { condition }),
    ...(maximum === undefined ? {} : { maximum: Number(maximum) }),
  };
}

function readMultiInstance(reading: Reading, owner: ModdleElement, loop: ModdleElement): MultiInstance | undefined {
  const before = reading.problems.count;
  refuseOtherMeans(reading, owner, loop);
  const zeebe = extension(loop, 'zeebe:LoopCharacteristics');
  const inputCollection = zeebe && optionalExpression(reading, owner, zeebe, 'inputCollection');
  const outputElement = zeebe && optionalExpression(reading, owner, zeebe, 'outputElement');
  const inputElement = zeebe && readName(reading, owner, zeebe, 'inputElement');
  const outputCollection = zeebe && readName(reading, owner, zeebe, 'outputCollection');
  const cardinality = readCardinality(reading, owner, loop);
  const completionCondition = readFeel(reading, owner, loop, 'completionCondition');
  const throws = readBehavior(reading, owner, loop);
  const tell = (wrong: string): void =>
    reading.problems.error(owner, 'loop', `expected the multi-instance of ${describe(owner)} to have ${wrong}`);
  if (reading.problems.count > before) return undefined;
  if ((inputCollection === undefined) === (cardinality === undefined)) {
    tell(`either an inputCollection or a loopCardinality, found ${cardinality === undefined ? 'neither' : 'both'}`);
  }
  if (inputElement !== undefined && inputCollection === undefined) tell('an inputCollection for its inputElement');
  if ((outputCollection === undefined) !== (outputElement === undefined)) {
    tell('both an outputCollection and an outputElement, or none of them');
  }
  if (reading.problems.count > before) return undefined;
  return {
    kind: 'multiInstance',
    isSequential: loop.get('isSequential') === true,
    ...(inputCollection && { inputCollection }),
    ...(cardinality && { cardinality }),
    ...(inputElement === undefined ? {} : { inputElement }),
    ...(outputCollection === undefined ? {} : { outputCollection }),
    ...(outputElement && { outputElement }),
    ...(completionCondition === undefined ? {} : { completionCondition }),
    ...(throws.length === 0 ? {} : { throws }),
  };
}

/** BPMN's own ways to say what Zeebe's extension says: skipping them would run another process. */
function refuseOtherMeans(reading: Reading, owner: ModdleElement, loop: ModdleElement): void {
  const others = ['loopDataInputRef', 'loopDataOutputRef', 'inputDataItem', 'outputDataItem'].filter(
    (property) => loop.get(property) !== undefined,
  );
  for (const property of others) {
    const wrong = `${describe(owner)}: ${property} of a multi-instance is not supported; zeebe:loopCharacteristics is`;
    reading.problems.error(owner, 'not-supported', wrong);
  }
}

function readCardinality(reading: Reading, owner: ModdleElement, loop: ModdleElement): Expression | undefined {
  const source = one(loop, 'loopCardinality');
  const body = source && text(source, 'body');
  if (body === undefined) return undefined;
  const expression = readExpression(reading, owner, body);
  if (expression?.kind === 'literal' && !/^\d{1,7}$/.test(expression.value)) {
    const wrong = `expected the loopCardinality of ${describe(owner)} to be a whole number, found "${expression.value}"`;
    reading.problems.error(owner, 'loop', wrong);
  }
  return expression;
}

/** An expression that must be FEEL, as its text. */
function readFeel(reading: Reading, owner: ModdleElement, loop: ModdleElement, property: string): string | undefined {
  const source = one(loop, property);
  if (source === undefined) return undefined;
  const body = text(source, 'body') ?? '';
  const expression = readExpression(reading, owner, body);
  if (expression?.kind === 'feel') return expression.text;
  if (expression !== undefined) {
    const wrong = `expected the ${property} of ${describe(owner)} to be a FEEL expression that starts with "=", found "${body}"`;
    reading.problems.error(owner, 'loop', wrong);
  }
  return undefined;
}

function readName(reading: Reading, owner: ModdleElement, zeebe: ModdleElement, property: string): string | undefined {
  const name = text(zeebe, property);
  if (name === undefined || (/^[\p{L}_][\p{L}\p{N}_]*$/u.test(name) && name !== '__proto__')) return name;
  const wrong = `expected the ${property} of ${describe(owner)} to be a variable name, found "${name}"`;
  reading.problems.error(owner, 'loop', wrong);
  return undefined;
}
