import { builtIn } from '../builtins/index.ts';
import { FunctionValue } from '../function-value.ts';
import type { Run } from '../run.ts';
import type { Scope } from '../scope.ts';
import { show } from '../show.ts';
import type { SyntaxNode } from '../syntax.ts';
import { coerce } from '../types.ts';
import { normalName } from '../values.ts';
import { type Code, Meaningless, type Source, type TypeCode, childAt, childrenOf, positionOf, textOf } from './code.ts';
import { nameOf } from './names.ts';

/** Evaluates the arguments and calls what it is given. */
type Call = (called: FunctionValue, scope: Scope, run: Run) => unknown;

interface NamedArgument {
  readonly name: string;
  readonly code: Code;
}

/** `f(1, 2)` and `f(a: 1, b: 2)`. */
export function compileCall(node: SyntaxNode, source: Source): Code {
  const parts = childrenOf(node);
  return compileInvocation(node, source.compile(childAt(parts, 0)), argumentsOf(parts, source));
}

/** `date("…")` is a call; `@"…"` says by its text which of them it is. */
export function compileTemporalLiteral(node: SyntaxNode, source: Source): Code {
  const parts = childrenOf(node);
  const first = childAt(parts, 0);
  const name = first.name === 'AtLiteral' ? '@' : textOf(source, first).replaceAll(/\s+/g, ' ');
  const target = builtIn(name);
  if (target === undefined) throw new Meaningless(`expected a function ${name}`);
  if (first.name === 'AtLiteral') {
    const code = source.compile(childAt(childrenOf(first), 0));
    return compileInvocation(node, () => target, positionalCall([code]));
  }
  // A variable of the model may hide the function.
  return compileInvocation(node, (scope) => scope.find(name) ?? target, argumentsOf(parts, source));
}

function argumentsOf(parts: readonly SyntaxNode[], source: Source): Call {
  const named = parts.find(({ name }) => name === 'NamedParameters');
  if (named !== undefined) {
    const codes = childrenOf(named).map((parameter) => {
      const [name, value] = childrenOf(parameter);
      return { name: nameOf(name as SyntaxNode, source), code: source.compile(value as SyntaxNode) };
    });
    return namedCall(codes);
  }
  const positional = parts.find(({ name }) => name === 'PositionalParameters');
  const codes = positional === undefined ? [] : childrenOf(positional).map((argument) => source.compile(argument));
  return positionalCall(codes);
}

function compileInvocation(node: SyntaxNode, target: Code, call: Call): Code {
  const position = positionOf(node);
  return (scope, run) => {
    const called = target(scope, run);
    if (!(called instanceof FunctionValue)) {
      return run.warn('NO_FUNCTION_FOUND', `Cannot invoke ${show(called)}`, position);
    }
    const before = run.warnings.length;
    const result = call(called, scope, run);
    // What a built-in function says of its arguments has happened here.
    for (let at = before; at < run.warnings.length; at += 1) {
      const warning = run.warnings[at];
      if (warning !== undefined && warning.position === undefined) run.warnings[at] = { ...warning, position };
    }
    return result;
  };
}

function positionalCall(codes: readonly Code[]): Call {
  return (called, scope, run) => {
    const args = codes.map((code) => code(scope, run));
    return called.takes(args.length) ? called.call(args, run) : mismatch(called, run);
  };
}

/** In the order of the first way to call it that knows all the names; what a place calls is mostly the same function again. */
function namedCall(codes: readonly NamedArgument[]): Call {
  const areDistinct = new Set(codes.map(({ name }) => name)).size === codes.length;
  // Not the function itself: a compiled text outlives what is around a function that an expression made.
  let known: { readonly signatures: FunctionValue['signatures']; readonly way: NamedWay | undefined } | undefined;
  return (called, scope, run) => {
    const { signatures } = called;
    if (known?.signatures !== signatures)
      known = { signatures, way: areDistinct ? wayOf(signatures, codes) : undefined };
    const { way } = known;
    const values = codes.map(({ code }) => code(scope, run));
    if (way === undefined) return mismatch(called, run);
    const args = way.places.map((place) => (place === -1 ? undefined : values[place]));
    return called.takes(args.length) ? called.call(args, run, way.signature) : mismatch(called, run);
  };
}

interface NamedWay {
  readonly signature: readonly string[];
  /** For each parameter, which of the arguments is its own; -1 when there is none, and none at the end. */
  readonly places: readonly number[];
}

function wayOf(signatures: FunctionValue['signatures'], codes: readonly NamedArgument[]): NamedWay | undefined {
  const names = codes.map(({ name }) => name);
  for (const signature of signatures) {
    const places = signature.map((name) => names.indexOf(normalName(name)));
    if (places.filter((place) => place !== -1).length < names.length) continue;
    return { signature, places: places.slice(0, places.findLastIndex((place) => place !== -1) + 1) };
  }
  return undefined;
}

function mismatch(called: FunctionValue, run: Run): null {
  return run.warn('FUNCTION_INVOCATION_FAILURE', `Expected the arguments ${String(called)}`);
}

/** `function(a: number, b) a + b`: sees what its text sees. */
export function compileFunction(node: SyntaxNode, source: Source): Code {
  const parts = childrenOf(node);
  const position = positionOf(node);
  if (parts.some(({ name }) => name === 'external')) {
    return (_, run) => run.warn('UNSUPPORTED', 'External functions are not supported', position);
  }
  const parameters = childrenOf(childAt(parts, 2)).length === 0 ? [] : parametersOf(childAt(parts, 2), source);
  const body = source.compile(childAt(childrenOf(childAt(parts, -1)), 0));
  return (scope) => {
    const names = parameters.map(({ name }) => name);
    return new FunctionValue([names], (args, run) => {
      if (args.length !== parameters.length) {
        return run.warn('FUNCTION_INVOCATION_FAILURE', `Expected the arguments (${names.join(', ')})`);
      }
      const values: Record<string, unknown> = {};
      for (const [index, { name, type }] of parameters.entries()) {
        const wanted = type?.(scope, run);
        const value = wanted === undefined ? args[index] : coerce(args[index], wanted, run);
        // With an argument that does not fit, the function is not called at all.
        if (value === undefined) {
          return run.warn('INVALID_TYPE', `Expected another type for ${name}, found ${show(args[index])}`);
        }
        values[name] = value;
      }
      return run.within(() => body(scope.within(values), run));
    });
  };
}

interface Parameter {
  readonly name: string;
  readonly type: TypeCode | undefined;
}

function parametersOf(node: SyntaxNode, source: Source): Parameter[] {
  return childrenOf(node)
    .filter(({ name }) => name === 'FormalParameter')
    .map((parameter) => {
      const [name, type] = childrenOf(parameter);
      return { name: nameOf(name as SyntaxNode, source), type: type === undefined ? undefined : source.type(type) };
    });
}
