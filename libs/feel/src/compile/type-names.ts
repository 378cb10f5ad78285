import type { SyntaxNode } from '../syntax.ts';
import { ANY, type FeelType, builtInType } from '../types.ts';
import { type Source, type TypeCode, childAt, childrenOf, positionOf, textOf } from './code.ts';
import { nameOf } from './names.ts';

/** A type as `instance of` and parameters name it. */
export function compileType(node: SyntaxNode, source: Source): TypeCode {
  const parts = childrenOf(node);
  switch (node.name) {
    case 'Type':
      return compileType(childAt(parts, 0), source);
    case 'ListType': {
      const of = compileType(childAt(parts, 2), source);
      // See `RANGE_TYPE` in syntax.ts.
      const kind = textOf(source, node).startsWith('range') ? 'range' : 'list';
      return made((types) => ({ kind, of: types[0] ?? ANY }), [of]);
    }
    case 'ContextType': {
      const entries = parts
        .filter(({ name }) => name === 'ContextEntryTypes')
        .flatMap((list) => childrenOf(list).filter(({ name }) => name === 'ContextEntryType'))
        .map((entry) => childrenOf(entry));
      const names = entries.map((entry) => nameOf(childAt(entry, 0), source));
      const types = entries.map((entry) => compileType(childAt(entry, -1), source));
      return made((of) => ({ kind: 'context', entries: names.map((name, index) => [name, of[index] ?? ANY]) }), types);
    }
    case 'FunctionType': {
      const list = parts.find(({ name }) => name === 'ArgumentTypes');
      const parameterCount =
        list === undefined ? 0 : childrenOf(list).filter(({ name }) => name === 'ArgumentType').length;
      return () => ({ kind: 'function', parameterCount });
    }
    default:
      return compileNamed(node, source);
  }
}

function compileNamed(node: SyntaxNode, source: Source): TypeCode {
  const name = textOf(source, node).replaceAll(/\s+/g, ' ').trim();
  const known = builtInType(name);
  const position = positionOf(node);
  return (_, run) => {
    const type = run.typeNamed(name) ?? known;
    if (type === undefined) run.warn('NO_TYPE_FOUND', `Type '${name}' not found`, position);
    return type;
  };
}

/** A part of no known type is a type that nothing is of. */
function made(make: (types: readonly FeelType[]) => FeelType, codes: readonly TypeCode[]): TypeCode {
  return (scope, run) => make(codes.map((code) => code(scope, run) ?? NEVER));
}

const NEVER: FeelType = { kind: 'never' };
