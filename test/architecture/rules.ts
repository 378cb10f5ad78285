/**
 * The direction of imports and the calls that pure code must not make (the README's picture of the parts, as data).
 * A part that is missing here fails the test: whoever adds one decides what it may touch.
 */
export interface PartRule {
  /** Other parts this one may import. */
  readonly imports: readonly string[];
  /** npm packages this one may import; not given: any that its package.json declares (knip checks that). */
  readonly packages?: readonly string[];
  /** `node:` modules this one may import; not given: any. */
  readonly node?: readonly string[];
  /** What the code must not reach for. */
  readonly bans?: readonly Ban[];
}

/**
 * - `now`: reading the clock (`Date.now()`, `new Date()`, `performance`); a date made from a number passed in is fine.
 * - `date`: `Date` in any form: its time zone and its parsing depend on the machine.
 * - `chance`: `Math.random`, `crypto`.
 * - `timers`: `setTimeout` and its kin.
 * - `async`: promises, `async` functions, `await`: what the core decides, it decides in one go.
 * - `world`: `process`, `fetch`, `console`.
 */
export type Ban = 'now' | 'date' | 'chance' | 'timers' | 'async' | 'world';

const pure: readonly Ban[] = ['now', 'chance', 'timers', 'world'];

export const partRules: Readonly<Record<string, PartRule>> = {
  'libs/std': { imports: [] },
  // node:module loads the native codecs when the first batch needs them.
  'libs/wire': { imports: ['libs/std'], node: ['node:zlib', 'node:buffer', 'node:module'], bans: pure },
  'libs/config': { imports: ['libs/std'], bans: ['now', 'chance', 'timers'] },
  'libs/log': { imports: ['libs/wire', 'libs/std'], bans: ['now', 'chance', 'timers'] },
  'libs/coordinator': { imports: ['libs/wire', 'libs/std'], node: [], bans: [...pure, 'async'] },
  'libs/sasl': { imports: [], node: ['node:crypto', 'node:util'], bans: ['now', 'date', 'timers', 'world'] },
  'libs/broker': { imports: ['libs/wire', 'libs/log', 'libs/coordinator', 'libs/sasl', 'libs/std'] },
  'libs/client': { imports: ['libs/wire', 'libs/sasl', 'libs/std'] },
  'libs/moddle': { imports: [], packages: [], node: [], bans: pure },
  'libs/bpmn': { imports: ['libs/moddle', 'libs/std'], node: [], bans: pure },
  // node:vm is the only way to interrupt an expression that loops.
  'libs/feel': { imports: ['libs/std'], node: ['node:vm'], bans: pure },
  'libs/dmn': { imports: ['libs/feel', 'libs/moddle', 'libs/std'], node: [], bans: pure },
  'libs/records': { imports: ['libs/std'], node: [], bans: [...pure, 'async'] },
  'libs/engine': {
    imports: ['libs/records', 'libs/bpmn', 'libs/dmn', 'libs/feel', 'libs/std'],
    packages: [],
    node: [],
    bans: [...pure, 'date', 'async'],
  },
  'libs/contract': { imports: ['libs/std'], node: [], bans: pure },
  'libs/http': { imports: ['libs/contract', 'libs/std'], bans: ['now', 'chance', 'timers'] },
  'libs/bus': { imports: ['libs/contract', 'libs/std'], node: [], bans: pure },
  'libs/runtime': {
    imports: [
      'libs/engine',
      'libs/bpmn',
      'libs/dmn',
      'libs/feel',
      'libs/records',
      'libs/bus',
      'libs/client',
      'libs/std',
    ],
    bans: ['now', 'chance', 'timers'],
  },
  'libs/projection': {
    imports: ['libs/records', 'libs/bus', 'libs/client', 'libs/std'],
    bans: ['now', 'chance', 'timers'],
  },
  'libs/plugin': { imports: ['libs/contract', 'libs/bus'], packages: ['kafkajs', 'zod'] },
  'libs/testing': { imports: ['libs/*'] },
  'apps/broker': { imports: ['libs/*'] },
  'apps/engine': { imports: ['libs/*'] },
  'apps/gateway': { imports: ['libs/*'] },
  'apps/examples': { imports: ['libs/plugin', 'libs/config'] },
  'apps/millrace': { imports: ['libs/*', 'apps/*'] },
};

/** Parts that only tests may import. */
export const testOnlyParts: readonly string[] = ['libs/testing'];
