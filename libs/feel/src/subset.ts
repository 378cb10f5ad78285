import type { SyntaxNode, SyntaxTree } from './syntax.ts';

/**
 * Most expressions of a process are a path (`=customer.id`) or a comparison (`=score > 700`). feelin parses and walks
 * them anew each time (50–150 µs, and it copies the context); this compiles them once (under 1 µs).
 *
 * S1. The subset never answers anything that feelin would not: a property test compares them. Wherever the two could
 *     differ (a missing variable, a value that is no scalar, a warning to give) it returns UNDECIDED and feelin is asked.
 * S2. A context that has names with spaces or operators in them can make feelin parse the same text differently
 *     (`a-b` may be one name), so that such contexts are UNDECIDED too.
 */
export type Compiled = (context: Context) => unknown;
export type Context = Readonly<Record<string, unknown>>;

export const UNDECIDED: unique symbol = Symbol('undecided');

/** Compiles an error-free tree that was parsed without any variables known; undefined when it is beyond the subset. */
export function compile(tree: SyntaxTree, text: string): Compiled | undefined {
  const root = tree.topNode.firstChild;
  if (root === null || root.nextSibling !== null) return undefined;
  const body = compileNode(root, text);
  if (body === undefined) return undefined;
  return (context) => (hasCompoundName(context) ? UNDECIDED : body(context));
}

function compileNode(node: SyntaxNode, text: string): Compiled | undefined {
  switch (node.name) {
    case 'NumericLiteral':
    case 'BooleanLiteral':
    case 'StringLiteral':
    case 'null':
      return compileLiteral(node, text);
    case 'VariableName':
      return compileVariable(node, text);
    case 'PathExpression':
      return compilePath(node, text);
    case 'ParenthesizedExpression':
      return compileOperand(node, 1, text);
    case 'Comparison':
      return compileBinary(node, text, comparisons);
    case 'ArithmeticExpression':
      return compileBinary(node, text, arithmetic);
    case 'Conjunction':
      return compileLogic(node, text, false);
    case 'Disjunction':
      return compileLogic(node, text, true);
    case 'Context':
      return compileContext(node, text);
    default:
      return undefined;
  }
}

function compileLiteral(node: SyntaxNode, text: string): Compiled | undefined {
  const literal = text.slice(node.from, node.to);
  switch (node.name) {
    case 'NumericLiteral': {
      if (!/^\d+(\.\d+)?$/.test(literal)) return undefined; // Signs and exponents: feelin knows.
      const value = Number(literal);
      return () => value;
    }
    case 'StringLiteral': {
      const value = literal.slice(1, -1);
      return /[\\"]/.test(value) ? undefined : () => value;
    }
    case 'BooleanLiteral':
      return literal === 'true' ? () => true : () => false;
    default:
      return () => null;
  }
}

function compileVariable(node: SyntaxNode, text: string): Compiled | undefined {
  const name = simpleName(node, text);
  if (name === undefined) return undefined;
  return (context) => ownEntry(context, name);
}

function compilePath(node: SyntaxNode, text: string): Compiled | undefined {
  const target = compileOperand(node, 0, text);
  const last = child(node, 2);
  const name = last === undefined || last.name !== 'PathName' ? undefined : simpleName(last, text);
  if (target === undefined || name === undefined) return undefined;
  return (context) => {
    const value = target(context);
    if (!isContext(value) || hasCompoundName(value)) return UNDECIDED;
    return ownEntry(value, name);
  };
}

type Operation = (left: unknown, right: unknown) => unknown;

function compileBinary(
  node: SyntaxNode,
  text: string,
  operations: ReadonlyMap<string, Operation>,
): Compiled | undefined {
  const left = compileOperand(node, 0, text);
  const operator = child(node, 1);
  const right = compileOperand(node, 2, text);
  if (left === undefined || operator === undefined || right === undefined || child(node, 3) !== undefined)
    return undefined;
  const operation = operations.get(text.slice(operator.from, operator.to));
  if (operation === undefined) return undefined;
  return (context) => {
    const a = left(context);
    const b = right(context);
    return isScalar(a) && isScalar(b) ? operation(a, b) : UNDECIDED;
  };
}

/** Three-valued: `decisive` decides the whole, two opposites decide it the other way, everything else is null. */
function compileLogic(node: SyntaxNode, text: string, decisive: boolean): Compiled | undefined {
  const left = compileOperand(node, 0, text);
  const right = compileOperand(node, 2, text);
  if (left === undefined || right === undefined) return undefined;
  return (context) => {
    const a = left(context);
    const b = right(context);
    // Both sides are evaluated, as feelin does, because a warning of the second must not get lost.
    if (a === UNDECIDED || b === UNDECIDED) return UNDECIDED;
    if (a === decisive || b === decisive) return decisive;
    return a === !decisive && b === !decisive ? !decisive : null;
  };
}

/** `{ id: customer.id, total: a + b }`: payloads and mappings. An entry sees those before it. */
function compileContext(node: SyntaxNode, text: string): Compiled | undefined {
  const entries: { readonly name: string; readonly value: Compiled }[] = [];
  for (let entry = node.firstChild; entry !== null; entry = entry.nextSibling) {
    if (entry.name === '{' || entry.name === '}') continue;
    const key = child(entry, 0);
    const name = key?.firstChild?.name === 'Name' ? simpleName(key, text) : undefined;
    const value = compileOperand(entry, 1, text);
    if (entry.name !== 'ContextEntry' || name === undefined || name === '__proto__' || value === undefined)
      return undefined;
    entries.push({ name, value });
  }
  return (context) => {
    const result: Record<string, unknown> = {};
    const scope: Record<string, unknown> = { ...context };
    for (const { name, value } of entries) {
      const entry = value(scope);
      if (entry === UNDECIDED) return UNDECIDED;
      result[name] = entry;
      scope[name] = entry;
    }
    return result;
  };
}

const comparisons: ReadonlyMap<string, Operation> = new Map([
  ['=', equals],
  ['!=', (a, b) => negate(equals(a, b))],
  ['<', ordered((a, b) => a < b)],
  ['<=', ordered((a, b) => a <= b)],
  ['>', ordered((a, b) => a > b)],
  ['>=', ordered((a, b) => a >= b)],
]);

const arithmetic: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ['+', (a, b) => (typeof a === 'string' && typeof b === 'string' ? a + b : numbers((x, y) => x + y)(a, b))],
  ['-', numbers((a, b) => a - b)],
  ['*', numbers((a, b) => a * b)],
  ['/', numbers((a, b) => (b === 0 ? null : a / b))],
]);

function equals(a: unknown, b: unknown): boolean | null {
  if (a === null || b === null) return a === b;
  return typeof a === typeof b ? a === b : null;
}

function negate(value: boolean | null): boolean | null {
  return value === null ? null : !value;
}

function ordered(compare: (a: string | number, b: string | number) => boolean): Operation {
  return (a, b) => {
    if (typeof a === 'number' && typeof b === 'number') return compare(a, b);
    if (typeof a === 'string' && typeof b === 'string') return compare(a, b);
    return UNDECIDED;
  };
}

function numbers(compute: (a: number, b: number) => number | null): Operation {
  return (a, b) => (typeof a === 'number' && typeof b === 'number' ? compute(a, b) : UNDECIDED);
}

function isScalar(value: unknown): value is string | number | boolean | null {
  return value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function isContext(value: unknown): value is Context {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function ownEntry(context: Context, name: string): unknown {
  const value = Object.hasOwn(context, name) ? context[name] : undefined;
  return value === undefined ? UNDECIDED : value;
}

const SIMPLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

function hasCompoundName(context: Context): boolean {
  for (const name in context) if (!SIMPLE_NAME.test(name)) return true;
  return false;
}

/** The name, when it is one identifier that feelin reads the same in every context. */
function simpleName(node: SyntaxNode, text: string): string | undefined {
  const name = text.slice(node.from, node.to);
  return SIMPLE_NAME.test(name) ? name : undefined;
}

function compileOperand(node: SyntaxNode, index: number, text: string): Compiled | undefined {
  const operand = child(node, index);
  return operand === undefined ? undefined : compileNode(operand, text);
}

function child(node: SyntaxNode, index: number): SyntaxNode | undefined {
  let current = node.firstChild;
  for (let position = 0; current !== null && position < index; position += 1) current = current.nextSibling;
  return current ?? undefined;
}
