/**
 * How reading a stranger's bytes ends early. `bad`: they are not what the format says or do not verify; `unsupported`:
 * they may be right, in a scheme that this library does not take. Never leaves the library.
 */
export class Refusal extends Error {
  readonly verdict: 'bad' | 'unsupported';

  constructor(verdict: 'bad' | 'unsupported', reason: string) {
    super(reason);
    this.verdict = verdict;
  }
}

export function bad(reason: string): Refusal {
  return new Refusal('bad', reason);
}

export function unsupported(reason: string): Refusal {
  return new Refusal('unsupported', reason);
}

/** Words of a stranger, fit for a log line: printable ASCII, and not many. */
export function quoted(text: string): string {
  const printable = text.slice(0, 81).replace(/[^ -~]/g, '?');
  return `'${printable.length > 80 ? `${printable.slice(0, 80)}…` : printable}'`;
}
