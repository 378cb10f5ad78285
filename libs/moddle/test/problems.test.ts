import { describe, expect, it } from 'vitest';
import { type ModdleElement, PROBLEMS_MAX, Problems, describe as named, nearestId } from '../src/index.ts';

const element = (type: string, more: Partial<ModdleElement> = {}): ModdleElement => ({
  $type: type,
  get: () => undefined,
  ...more,
});

describe('problems', () => {
  it('come all at once, with the element that each is about', () => {
    const problems = new Problems<'a' | 'b'>();
    problems.warning(element('x:A', { id: 'one' }), 'a', 'first');
    expect(problems.haveErrors()).toBe(false);
    problems.error('two', 'b', 'second');
    problems.error(undefined, 'xml', 'third');
    expect(problems.all()).toEqual([
      { elementId: 'one', rule: 'a', message: 'first', severity: 'warning' },
      { elementId: 'two', rule: 'b', message: 'second', severity: 'error' },
      { rule: 'xml', message: 'third', severity: 'error' },
    ]);
    expect(problems.haveErrors()).toBe(true);
    expect(problems.has(element('x:A', { id: 'one' }), 'a')).toBe(true);
    expect(problems.has(element('x:A', { id: 'one' }), 'b')).toBe(false);
  });

  it('are told about the nearest element with an id where the notation needs none', () => {
    const owner = element('x:Decision', { id: 'owner' });
    const part = element('x:Text', { $parent: element('x:Part', { $parent: owner }) });
    const problems = new Problems(nearestId);
    problems.error(part, 'a', 'wrong');
    problems.error(element('x:Text'), 'a', 'wrong');
    expect(problems.all().map(({ elementId }) => elementId)).toEqual(['owner', undefined]);
    expect(problems.has(part, 'a')).toBe(true);
  });

  it('are counted beyond their bound, and not kept', () => {
    const problems = new Problems();
    for (let count = 0; count < PROBLEMS_MAX + 3; count += 1) problems.error(undefined, 'a', 'again');
    problems.warning(undefined, 'a', 'once');
    const all = problems.all();
    expect(all).toHaveLength(PROBLEMS_MAX + 2);
    expect(all.at(-1)).toEqual({
      rule: 'too-large',
      severity: 'error',
      message: `expected at most ${PROBLEMS_MAX} errors to be told, found 3 more`,
    });
    expect(problems.count).toBe(PROBLEMS_MAX + 4);
  });

  it.for<[ModdleElement, string]>([
    [element('bpmn:ServiceTask', { name: 'Check\n  credit', id: 'x' }), 'service task "Check credit"'],
    [element('bpmn:AdHocSubProcess', { id: 'x' }), 'ad-hoc sub-process "x"'],
    [element('dmn:Decision'), 'decision'],
  ])('name an element as a modeller does: %#', ([one, expected]) => {
    expect(named(one)).toBe(expected);
  });
});
