import type { CheckVerdict } from '../../../core/capabilities/proposal-check.ts';
import type { RegistryIssue } from '../../../core/capabilities/registry.ts';
import type { Resource } from '../../../core/plugin.ts';

/** Something that a check found, about one resource. */
export interface Complaint {
  readonly code: string;
  readonly resource: Resource;
  readonly pointer: string;
  readonly message: string;
  readonly hint?: string;
  /** A warning is shown and fails nothing. */
  readonly severity?: 'error' | 'warning';
}

/** Fails where a complaint is an error; the first one is the summary. `well` is said where there is none. */
export function verdictOf(complaints: readonly Complaint[], well: string): CheckVerdict {
  const errors = complaints.filter(({ severity }) => severity !== 'warning');
  const [first] = errors.length > 0 ? errors : complaints;
  if (first === undefined) return { outcome: 'pass', summary: well };
  const others = complaints.length - 1;
  const annotations = complaints.map(toIssue);
  return {
    outcome: errors.length > 0 ? 'fail' : 'pass',
    summary: `${first.message}${others > 0 ? ` (and ${others} more)` : ''}`,
    details: complaints
      .map(
        ({ resource, message, hint }) =>
          `- \`${resource.origin.path}\`: ${message}${hint ? `. ${hint}` : ''}`,
      )
      .join('\n'),
    annotations,
    facts: { errors: errors.length, warnings: complaints.length - errors.length },
  };
}

function toIssue({ code, resource, pointer, message, hint, severity = 'error' }: Complaint): RegistryIssue {
  const { path, line, column } = resource.origin;
  return {
    code,
    severity,
    message,
    ...(hint === undefined ? {} : { hint }),
    path,
    line,
    column,
    pointer,
    ref: resource.ref,
  };
}
