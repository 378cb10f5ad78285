import { type Node, Visitor, parseSync } from 'oxc-parser';

import type { Ban } from './rules.ts';

/** What one source file reaches for, with the line it does so on. */
export interface Reach {
  readonly imports: readonly { readonly specifier: string; readonly line: number }[];
  readonly uses: readonly { readonly ban: Ban; readonly what: string; readonly line: number }[];
}

const TIMERS = new Set(['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask']);
const WORLD = new Set(['fetch', 'console', 'globalThis']);
/** What tells Node's `process` from a variable for a process of a model. */
const PROCESS_MEMBERS = new Set([
  'argv',
  'cwd',
  'env',
  'exit',
  'hrtime',
  'kill',
  'memoryUsage',
  'nextTick',
  'on',
  'once',
  'pid',
  'stdout',
  'stderr',
  'uptime',
]);

/** Reads imports (static, re-exports and dynamic, type-only ones too) and the uses that some part may be banned from. */
export function reachOf(fileName: string, text: string): Reach {
  const { program, module, errors } = parseSync(fileName, text);
  if (errors.length > 0) throw new Error(`expected ${fileName} to parse, found: ${errors[0]?.message}`);
  const lineOf = (offset: number): number => text.slice(0, offset).split('\n').length;
  const imports: { specifier: string; line: number }[] = [];
  const uses: { ban: Ban; what: string; line: number }[] = [];
  const use = (ban: Ban, what: string, node: { start: number }): void => {
    uses.push({ ban, what, line: lineOf(node.start) });
  };

  for (const entry of module.staticImports) {
    imports.push({ specifier: entry.moduleRequest.value, line: lineOf(entry.start) });
  }
  for (const entry of module.staticExports.flatMap((statement) => statement.entries)) {
    if (entry.moduleRequest) imports.push({ specifier: entry.moduleRequest.value, line: lineOf(entry.start) });
  }

  const onFunction = (node: { async: boolean; start: number }): void => {
    if (node.async) use('async', 'async function', node);
  };
  new Visitor({
    ImportExpression(node) {
      if (node.source.type === 'Literal')
        imports.push({ specifier: String(node.source.value), line: lineOf(node.start) });
    },
    FunctionDeclaration: onFunction,
    FunctionExpression: onFunction,
    ArrowFunctionExpression: onFunction,
    AwaitExpression: (node) => use('async', 'await', node),
    NewExpression(node) {
      const name = nameOf(node.callee);
      if (name === 'Date') use(node.arguments.length === 0 ? 'now' : 'date', 'new Date', node);
      if (name === 'Promise') use('async', 'new Promise', node);
    },
    CallExpression(node) {
      const name = nameOf(node.callee);
      if (name === 'Date') use('now', 'Date()', node);
      if (name !== undefined && TIMERS.has(name)) use('timers', name, node);
      if (name === 'fetch') use('world', name, node);
    },
    MemberExpression(node) {
      const object = nameOf(node.object);
      const property = nameOf(node.property);
      if (object === 'Date') use(property === 'now' ? 'now' : 'date', `Date.${property ?? '?'}`, node);
      if (object === 'performance') use('now', 'performance', node);
      if (object === 'Math' && property === 'random') use('chance', 'Math.random', node);
      if (object === 'crypto') use('chance', 'crypto', node);
      if (object === 'Promise') use('async', `Promise.${property ?? '?'}`, node);
      if (object !== undefined && WORLD.has(object)) use('world', object, node);
      if (object === 'process' && property !== undefined && PROCESS_MEMBERS.has(property))
        use('world', `process.${property}`, node);
    },
  }).visit(program);

  // A `Date` that reads the clock is banned under both names.
  return {
    imports,
    uses: uses.flatMap((one) =>
      one.ban === 'now' && one.what.includes('Date') ? [one, { ...one, ban: 'date' as const }] : [one],
    ),
  };
}

function nameOf(node: Node): string | undefined {
  return node.type === 'Identifier' ? node.name : undefined;
}
