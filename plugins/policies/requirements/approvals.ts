import type { Requirement } from '../../../core/capabilities/gate.ts';
import { eligible, type Whom } from '../eligible.ts';
import type { Person } from '../people.ts';
import { type Facts, listed, type Require } from './rule-context.ts';

/** Enough of the people that a rule names must have approved this head, and none of them may ask for changes. */
export const requireApprovals: Require = ({ title, rule }, facts) => {
  if (rule.approvals === undefined) return [];
  return askForApprovals(title, rule.approvals.count ?? 1, rule.approvals.from, facts);
};

/** What so many approvals of these people come to. */
export function askForApprovals(
  rule: string,
  count: number,
  from: Whom | undefined,
  facts: Facts,
): readonly Requirement[] {
  const { people, words } = eligible(from, facts.people);
  const { approvals, objections } = facts.reviews;
  const given = approvals.filter(({ person }) => people.includes(person)).map(({ person }) => person);
  const against = objections.filter(({ person }) => people.includes(person)).map(({ person }) => person);
  const requirements: Requirement[] = [];
  const wanted = `${count} ${count === 1 ? 'approval' : 'approvals'} by ${words}`;
  const has = given.length === 0 ? 'none' : `${given.length} (${listed(given.map(({ name }) => name))})`;
  if (facts.authorsProblem !== undefined) {
    requirements.push({
      code: 'AuthorsUnknown',
      rule,
      met: false,
      message: `needs ${wanted}; who made the change is not known: ${facts.authorsProblem}`,
      hint: 'Fetch the proposal again, or propose a branch with fewer commits.',
    });
  } else if (given.length >= count) {
    requirements.push({ code: 'Approved', rule, met: true, message: `needs ${wanted}; has ${has}` });
  } else {
    const why = discounts(people, facts);
    requirements.push({
      code: 'ApprovalMissing',
      rule,
      met: false,
      message: `needs ${wanted}; has ${has}${why === '' ? '' : ` – ${why}`}`,
      hint: whomToAsk(people, given, count - given.length, words, facts),
    });
  }
  if (against.length > 0) {
    const names = listed(against.map(({ name }) => name));
    requirements.push({
      code: 'ChangesRequested',
      rule,
      met: false,
      message: `${names} asked for changes`,
      hint: `Answer ${names}: a newer approval of theirs takes it back, and so does a commit that does what they ask.`,
    });
  }
  return requirements;
}

function whomToAsk(
  people: readonly Person[],
  given: readonly Person[],
  missing: number,
  words: string,
  { authors }: Facts,
): string {
  const left = people.filter(
    (person) => !given.includes(person) && !authors.includes(person, { name: person.name }),
  );
  if (left.length < missing) {
    const who = left.length === 0 ? 'Nobody else' : `Only ${listed(left.map(({ name }) => name))}`;
    return `${who} could approve: the author cannot. Add people to ${words.startsWith('team') ? words : 'a team'}.`;
  }
  const names = listed(
    left.map(({ name }) => name),
    'or',
  );
  return `Ask ${missing === 1 ? '' : `${missing} of `}${words.startsWith('team') ? `${words}: ` : ''}${names}.`;
}

/** Why reviews of those who could approve do not count: people wonder about exactly these. */
function discounts(people: readonly Person[], { reviews, people: all }: Facts): string {
  const told = new Map<string, string>();
  for (const { review, because } of reviews.discounted) {
    if (because.reason === 'superseded') continue;
    const { name, email } = review.by;
    const seeming = all.byName(name) ?? (email === undefined ? undefined : all.byEmail(email));
    const isTheirs = seeming === undefined || people.includes(seeming) || because.reason === 'author';
    if (isTheirs) told.set(name, `${name} ${because.words}`);
  }
  const counted = new Set(reviews.approvals.map(({ person }) => person.name));
  return [...told]
    .filter(([name]) => !counted.has(name))
    .map(([, words]) => words)
    .slice(0, 4)
    .join('; ');
}
