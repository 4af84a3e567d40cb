import type { Proposal } from '../../../core/capabilities/forge.ts';
import { oneLine, trailerLines } from '../../../libraries/git/trailers.ts';
import type { Judgement } from '../proposals.ts';

/**
 * The message of the merge commit: its trailers say in the registry itself which proposal it was, who allowed it and what
 * was checked. `mergedFor`: the person for whom the platform merges; a person who signs is the commit's author.
 */
export function mergeMessage(
  { number, title, head, url }: Proposal,
  { checks, verdict }: Judgement,
  mergedFor: { readonly name: string; readonly email: string } | undefined,
): string {
  const { approvals, breakGlass } = verdict;
  const told = checks.filter(({ outcome }) => outcome !== 'neutral');
  const trailers = trailerLines({
    'Switchyard-Proposal': String(number),
    'Switchyard-Proposal-Url': url,
    'Switchyard-Head': head,
    'Approved-by': [...new Set(approvals.map(({ by }) => person(by.name, by.email ?? by.account)))],
    'Switchyard-Checks': told.map(({ name, outcome }) => `${name}=${outcome}`).join(', '),
    // The platform or the host makes the commit: without this, nobody could say for whom.
    'Merged-for': mergedFor && person(mergedFor.name, mergedFor.email),
    'Break-Glass':
      breakGlass === null
        ? undefined
        : `${breakGlass.label} by ${breakGlass.by}, ${breakGlass.unmet} not met`,
  });
  return `Merge proposal ${number}: ${oneLine(title)}\n\n${trailers.join('\n')}\n`;
}

/** `Name <address>`, from which nobody can make another name. */
function person(name: string, address: string | undefined): string {
  const clean = (text: string): string => oneLine(text).replace(/[<>]/g, '');
  return address === undefined ? clean(name) : `${clean(name)} <${clean(address)}>`;
}
