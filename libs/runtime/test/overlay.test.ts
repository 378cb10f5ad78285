import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareKeys } from '../src/ordered-keys.ts';
import { Overlay, type Row, type RowSource } from '../src/overlay.ts';

/** Rows in a plain map, sorted when asked: what the overlays must behave like. */
class MapRows implements RowSource {
  readonly rows = new Map<string, Row>();

  get(table: string, key: string): Row | undefined {
    return this.rows.get(`${table}|${key}`);
  }

  *range(table: string, from: string, to: string | undefined): Generator<readonly [string, Row]> {
    const keys = [...this.rows.keys()]
      .filter((key) => key.startsWith(`${table}|`))
      .map((key) => key.slice(table.length + 1));
    const bytes = (text: string): Buffer => Buffer.from(text);
    keys.sort((a, b) => Buffer.compare(bytes(a), bytes(b)));
    for (const key of keys) {
      if (Buffer.compare(bytes(key), bytes(from)) < 0) continue;
      if (to !== undefined && Buffer.compare(bytes(key), bytes(to)) >= 0) return;
      yield [key, this.rows.get(`${table}|${key}`) as Row];
    }
  }
}

const key = fc.string({ unit: fc.constantFrom('a', 'b', '/', '\uffff', '\u{1f4b6}'), maxLength: 3 });
const step = fc.oneof(
  fc.record({
    do: fc.constant('put' as const),
    table: fc.constantFrom('t', 'u'),
    key,
    row: fc.record({ n: fc.nat() }),
  }),
  fc.record({ do: fc.constant('delete' as const), table: fc.constantFrom('t', 'u'), key }),
  fc.record({ do: fc.constant('merge' as const) }),
  fc.record({
    do: fc.constant('range' as const),
    table: fc.constantFrom('t', 'u'),
    from: key,
    to: fc.option(key, { nil: undefined }),
  }),
);

describe('overlays', () => {
  it('on overlays on rows read like rows that were changed in place', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('t', 'u'), key, fc.record({ n: fc.nat() }))),
        fc.array(step),
        (initial, steps) => {
          const model = new MapRows();
          const base = new MapRows();
          for (const [table, name, row] of initial) {
            model.rows.set(`${table}|${name}`, row);
            base.rows.set(`${table}|${name}`, row);
          }
          const lower = new Overlay(base);
          const upper = new Overlay(lower);
          for (const one of steps) {
            if (one.do === 'put') {
              upper.put(one.table, one.key, one.row);
              model.rows.set(`${one.table}|${one.key}`, one.row);
            } else if (one.do === 'delete') {
              upper.delete(one.table, one.key);
              model.rows.delete(`${one.table}|${one.key}`);
            } else if (one.do === 'merge') {
              upper.mergeInto(lower);
              expect(upper.size).toBe(0);
            } else {
              expect([...upper.range(one.table, one.from, one.to)]).toEqual([
                ...model.range(one.table, one.from, one.to),
              ]);
            }
          }
          for (const table of ['t', 'u']) {
            expect([...upper.range(table, '', undefined)]).toEqual([...model.range(table, '', undefined)]);
          }
          for (const [table, name] of initial) expect(upper.get(table, name)).toEqual(model.get(table, name));
        },
      ),
    );
  });

  it('that are cleared show what lies beneath', () => {
    const base = new MapRows();
    base.rows.set('t|a', { n: 1 });
    const overlay = new Overlay(base);
    overlay.delete('t', 'a');
    overlay.put('t', 'b', { n: 2 });
    expect(overlay.get('t', 'a')).toBeUndefined();
    overlay.clear();
    expect([...overlay.range('t', '', undefined)]).toEqual([['a', { n: 1 }]]);
  });
});

describe('keys', () => {
  it('compare as their UTF-8 bytes do', () => {
    const text = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareKeys(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });
});
