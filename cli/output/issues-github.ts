import type { Issue } from '../../core/manifest/issue.ts';

/** Issues as workflow commands: GitHub shows each beside its line in the pull request. */
export function issuesForGitHub(issues: readonly Issue[]): string {
  return issues
    .map((issue) => {
      const place = [
        `file=${property(issue.path)}`,
        `line=${issue.line}`,
        `col=${issue.column}`,
        `title=${property(issue.code)}`,
      ].join(',');
      const message = issue.hint ? `${issue.message}\n${issue.hint}` : issue.message;
      return `::${issue.severity} ${place}::${text(message)}\n`;
    })
    .join('');
}

function text(value: string): string {
  return value.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(value: string): string {
  return text(value).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
