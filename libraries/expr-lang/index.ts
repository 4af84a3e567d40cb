/** Reads expr-lang, the expression language that Argo Rollouts' conditions are written in. */
export { parse } from './parse.ts';
export { type BinaryNode, type CallNode, type IndexNode, type Node, SyntaxProblem } from './syntax.ts';
