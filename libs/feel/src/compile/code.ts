import type { Run } from '../run.ts';
import type { Scope } from '../scope.ts';
import type { SyntaxNode } from '../syntax.ts';
import type { FeelType } from '../types.ts';

/** A part of an expression, ready to be evaluated. */
export type Code = (scope: Scope, run: Run) => unknown;

/** What compiling a part needs: the text it is a part of, and how to compile the parts of it. */
export interface Source {
  readonly text: string;
  /** See logic.ts. */
  readonly hasLooseTests: boolean;
  readonly compile: (node: SyntaxNode) => Code;
  readonly type: (node: SyntaxNode) => TypeCode;
}

/** A type may be one of the model's, which is known when the expression is evaluated. */
export type TypeCode = (scope: Scope, run: Run) => FeelType | undefined;

/** The text cannot be compiled: feelin reads it, but it means nothing. */
export class Meaningless extends Error {}

/** The children of a node without comments. */
export function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) {
    if (!child.type.isSkipped && child.name !== 'LineComment' && child.name !== 'BlockComment') children.push(child);
  }
  return children;
}

export function childAt(nodes: readonly SyntaxNode[], index: number): SyntaxNode {
  const node = nodes.at(index);
  if (node === undefined) throw new Meaningless('expected more');
  return node;
}

export function textOf(source: Source, node: SyntaxNode): string {
  return source.text.slice(node.from, node.to);
}

export function positionOf(node: SyntaxNode): { readonly from: number; readonly to: number } {
  return { from: node.from, to: node.to };
}

/** How many parts a part has, itself included: what each round of a loop over it costs. */
export function sizeOf(node: SyntaxNode): number {
  let size = 0;
  node.cursor().iterate(() => {
    size += 1;
  });
  return size;
}
