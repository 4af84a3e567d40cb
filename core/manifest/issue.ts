import { printable } from '../../libraries/visible-text/index.ts';
import type { RegistryIssue as Issue } from '../capabilities/registry.ts';
import type { Finding, Ref } from '../plugin.ts';
import type { Place, Positions } from './positions.ts';

export type { RegistryIssue as Issue } from '../capabilities/registry.ts';

/** By path, then place, then what is wrong: the same for the same commit, always. */
export function compareIssues(a: Issue, b: Issue): number {
  return (
    compare(a.path, b.path) ||
    a.line - b.line ||
    a.column - b.column ||
    compare(a.pointer, b.pointer) ||
    compare(a.code, b.code) ||
    compare(a.message, b.message)
  );
}

/** A finding with its place. Nothing in it can move a terminal's cursor or begin a new line. */
export function toIssue(
  finding: Finding,
  at: { readonly path: string; readonly ref?: Ref | undefined; readonly positions: Positions },
): Issue {
  const pointer = String(finding.pointer ?? '');
  return placedIssue(
    finding,
    at.path,
    at.ref,
    at.positions.of(pointer, keyCodes.has(finding.code) ? 'key' : 'value'),
  );
}

export function placedIssue(
  finding: Finding,
  path: string,
  ref: Ref | undefined,
  { line, column }: Place,
): Issue {
  const { code, message, hint, severity = 'error' } = finding;
  return {
    code: String(code),
    severity,
    message: shown(message, 1_000),
    ...(hint === undefined ? {} : { hint: shown(hint, 1_000) }),
    path: printable(path),
    line,
    column,
    pointer: shown(finding.pointer ?? '', 500),
    ...(ref === undefined ? {} : { ref }),
  };
}

/** Findings that speak of a key rather than of its value. */
const keyCodes = new Set(['UnknownField', 'InvalidKey', 'DuplicateKey']);

function shown(text: string, most: number): string {
  const whole = printable(String(text));
  return whole.length > most ? `${whole.slice(0, most)}…` : whole;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
