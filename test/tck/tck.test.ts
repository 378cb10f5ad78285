import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { readKnown, reportOn } from './report.ts';
import { type Outcome, runDirectory } from './run-directory.ts';
import { readTestFile } from './test-cases.ts';

const cases = fileURLToPath(new URL('cases', import.meta.url));

/** The files are ours, in the form that the TCK's have. */
describe('running test cases of the DMN TCK', () => {
  let outcomes: readonly Outcome[] = [];
  beforeAll(async () => {
    outcomes = await runDirectory(cases, 0);
  });
  const of = (folder: string): readonly Outcome[] => outcomes.filter((outcome) => outcome.folder === folder);

  it('passes a decision, a service, a knowledge model and an expected error', () => {
    expect(of('level-2/0001-greeting').map(({ caseId, fault }) => [caseId, fault])).toEqual([
      ['001', undefined],
      ['002', undefined],
      ['003', undefined],
      ['004', undefined],
    ]);
  });

  it('reads and compares values of every type, in lists and components', () => {
    expect(of('level-3/0002-values').map(({ caseId, fault }) => [caseId, fault])).toEqual([
      ['components', undefined],
      ['nested', undefined],
      ['empty', undefined],
    ]);
  });

  it('finds what a model imports beside it', () => {
    expect(of('level-3/0004-import')).toEqual([{ folder: 'level-3/0004-import', caseId: '001' }]);
  });

  it('says why a case fails', () => {
    expect(of('level-3/0003-failures').map(({ caseId, fault }) => `${caseId}: ${fault ?? 'passes'}`)).toEqual([
      'another-number: one: expected 1.0000001, found 1',
      'a-text-for-a-date: text: expected 2026-01-31, found "2026-01-31"',
      'a-shorter-list: two: expected [1], found [1, 2]',
      'no-error: one: expected null, found 1',
      'no-such-decision: there is no "three"',
      `no-model: expected a model in the file ${cases}/level-3/0003-failures/nowhere.dmn`,
    ]);
  });

  it('counts per folder and in all, and leaves out what is known to fail', () => {
    const none = reportOn(outcomes, new Map());
    expect(none.table.split('\n')).toEqual([
      'level-2/0001-greeting       4       4',
      'level-3/0002-values         3       3',
      'level-3/0003-failures       0       6',
      'level-3/0004-import         1       1',
      '8 of 14',
    ]);
    expect(none.failures).toHaveLength(6);
    expect(reportOn(outcomes, readKnown('# why\nlevel-3/0003-failures: on purpose\n')).failures).toEqual([]);
    const one = reportOn(outcomes, readKnown('level-3/0003-failures/no-error: on purpose'));
    expect(one.failures).toHaveLength(5);
  });

  it('tells of what is listed as failing and passes', () => {
    const known = readKnown('level-2/0001-greeting/001: once\nlevel-2/0001-greeting: once\nelsewhere/001: not run');
    expect(reportOn(outcomes, known).outdated).toEqual(['level-2/0001-greeting/001', 'level-2/0001-greeting']);
  });

  it('refuses a list without reasons', () => {
    expect(() => readKnown('level-3/0003-failures')).toThrow('expected lines of "folder/case id: reason"');
  });

  it('takes no other XML for test cases', () => {
    expect(readTestFile('<project/>')).toBeUndefined();
    expect(readTestFile('<x:testCases xmlns:x="http://www.omg.org/spec/DMN/20990101/testcase"/>')?.cases).toEqual([]);
    expect(() => readTestFile('<testCases')).toThrow();
  });
});

describe('npm run tck', () => {
  const run = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(process.execPath, [fileURLToPath(new URL('main.ts', import.meta.url)), ...args], { encoding: 'utf8' });

  it('exits with 1 and the reasons when a case fails', () => {
    const { status, stdout } = run(cases);
    expect(status).toBe(1);
    expect(stdout).toContain('8 of 14\n\nfailed:\nlevel-3/0003-failures/another-number: ');
  });

  it('exits with 0 when every failure is listed', () => {
    const { status, stdout } = run(cases, '--known', `${cases}/known.txt`);
    expect(stdout.trim().split('\n').at(-1)).toBe('8 of 14');
    expect(status).toBe(0);
  });

  it('exits with 2 when there is nothing to run', () => {
    const { status, stderr } = run(fileURLToPath(new URL('../architecture', import.meta.url)));
    expect(stderr).toContain('expected files with test cases');
    expect(status).toBe(2);
    expect(run().status).toBe(2);
  });
});
