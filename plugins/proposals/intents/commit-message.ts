import type { ChangeType, Intent } from '../../../core/capabilities/proposer.ts';
import { trailerLines } from '../../../libraries/git/trailers.ts';
import { intentDigest } from './intent-digest.ts';

/**
 * The commit of a proposal: a Conventional Commit, why it is wanted, and trailers that machines read.
 *
 * @example
 * feat(production): promote bird-strike 1.1.0
 *
 * Better on 1999–2002.
 *
 * Switchyard-Change: promote
 * Switchyard-Model: bird-strike
 * …
 */
export function commitMessage(intent: Intent): string {
  const trailers = trailerLines({
    'Switchyard-Change': intent.type,
    ...intent.trailers,
    'Switchyard-Key': intent.key,
    'Switchyard-Intent': intentDigest(intent),
  });
  const reason = plainParagraphs(intent.reason ?? '');
  return [subjectOf(intent), ...(reason === '' ? [] : ['', reason]), '', ...trailers, ''].join('\n');
}

function subjectOf({ type, title, trailers }: Intent): string {
  const line = title.replace(/\s+/g, ' ').trim();
  if (/^[a-z]+(\([^)]*\))?!?: \S/.test(line)) return line;
  const environment = trailers['Switchyard-Environment'];
  const scope = environment ?? trailers['Switchyard-Model'];
  const suffix = [` to ${environment}`, ` in ${environment}`].find((end) => line.endsWith(end)) ?? '';
  const short = line.slice(0, line.length - suffix.length);
  const text = short.charAt(0).toLowerCase() + short.slice(1);
  return `${kinds[type]}${scope === undefined ? '' : `(${scope})`}: ${text}`;
}

const kinds: Readonly<Record<ChangeType, string>> = {
  promote: 'feat',
  rollback: 'fix',
  quarantine: 'fix',
  retire: 'chore',
  register: 'feat',
  'merge-lines': 'feat',
  propose: 'chore',
};

/** The reason as paragraphs that cannot be taken for the end of the message: a line of dashes is one for some tools. */
function plainParagraphs(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(/^---/gm, '– – –')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}
