/** Problems in one line: a row may have as many as it has fields. */
const mostTold = 10;

/** `problems` are those of one row, as texts. */
export function toldOfRow(problems: readonly string[]): string {
  const rest = problems.length - mostTold;
  return [...problems.slice(0, mostTold), ...(rest > 0 ? [`and ${rest} more`] : [])].join('; ');
}
