export { type ModdleElement, type ModdleResult, type ModdleWarning, many, one, text } from './element.ts';
export { deepFreeze } from './freeze.ts';
export { MODEL_LENGTH_MAX, oneLine, parseModel, rootAt } from './parse.ts';
export { type FileRule, PROBLEMS_MAX, type Problem, Problems, describe, nearestId } from './problems.ts';
