import { describe, expect, it } from 'vitest';
import { MODEL_LENGTH_MAX, type ModdleResult, Problems, parseModel } from '../src/index.ts';

const parsed: ModdleResult = { rootElement: { $type: 'x:Root', get: () => undefined }, warnings: [] };
const parse = async (
  xml: string,
  parser: (xml: string) => Promise<ModdleResult> = () => Promise.resolve(parsed),
): Promise<unknown> => {
  const problems = new Problems();
  const result = await parseModel(xml, 'XYZ 1.0', problems, parser);
  return result ?? problems.all().map(({ rule, message }) => [rule, message]);
};

describe('parsing a model', () => {
  it('gives what the parser makes of it', async () => {
    expect(await parse('<?xml version="1.0"?><!-- <!DOCTYPE in a comment> --><root>&lt;!DOCTYPE</root>')).toBe(parsed);
  });

  it('refuses a document type, wherever it stands before the root', async () => {
    const refused = [['document-type', 'expected XYZ 1.0 without a document type: entities are not read']];
    expect(await parse('<!DOCTYPE root><root/>')).toEqual(refused);
    expect(await parse('<?xml version="1.0"?>\n<!-- a --><!doctype root [<!ENTITY a "b">]><root/>')).toEqual(refused);
  });

  it('refuses a text beyond its bound before it looks at it', async () => {
    const fails = (): Promise<ModdleResult> => Promise.reject(new Error('looked at'));
    expect(await parse(' '.repeat(MODEL_LENGTH_MAX + 1), fails)).toEqual([
      ['too-large', 'expected at most 4194304 characters, found 4194305'],
    ]);
  });

  it('says in one line where a text is no XML', async () => {
    const wrong = 'unparsable content <a> detected\n\tline: 1\n\tcolumn: 4\n\tnested error: missing end';
    const error = Object.assign(new Error('failed'), { warnings: [{ message: wrong }] });
    expect(await parse('<a', () => Promise.reject(error))).toEqual([
      ['xml', 'expected XYZ 1.0 as XML: missing end at line 2, column 5'],
    ]);
    expect(await parse('<a', () => Promise.reject(new Error('no root')))).toEqual([
      ['xml', 'expected XYZ 1.0 as XML: no root'],
    ]);
  });
});
