import type { Label, Proposal } from '../../core/capabilities/forge.ts';
import { provenPerson } from './approvals.ts';
import { eligible } from './eligible.ts';
import type { People, Person } from './people.ts';
import type { Rule } from './policy.ts';

/** A label of the proposal, and who is proven to have put it on for this head; or why it lets nothing pass. */
export type ProvenLabel =
  | { readonly name: string; readonly person: Person; readonly at: string | undefined }
  | { readonly name: string; readonly problem: string };

/**
 * Who put which label on. Like an approval, a label speaks of one head: where the forge does not say which, one that was put
 * on before the newest push does not count.
 */
export function provenLabels(
  proposal: Pick<Proposal, 'labels' | 'head' | 'pushes'>,
  { people, forge, at }: { people: People; forge: string; at: number },
): readonly ProvenLabel[] {
  return proposal.labels.map((label) => {
    const { name, by, proof } = label;
    const stale = whyStale(label, proposal);
    if (stale !== undefined) return { name, problem: stale };
    if (by === undefined) return { name, problem: 'the forge does not say who put it on' };
    const proven = provenPerson(by, proof, { people, forge, at });
    if ('problem' in proven) return { name, problem: `${by.name} put it on, but ${proven.problem}` };
    if (proven.person.machine) return { name, problem: `${by.name}, who put it on, is a program` };
    return { name, person: proven.person, at: label.at };
  });
}

/** Who lets a proposal pass although a rule is not met; a text says why a label with the right name does not count. */
export function glassBreaker(
  rule: Rule,
  labels: readonly ProvenLabel[],
  people: People,
): { readonly label: string; readonly person: Person } | { readonly problem: string } | undefined {
  if (rule.breakGlass === undefined) return undefined;
  const { label: wanted, by } = rule.breakGlass;
  const allowed = eligible(by, people);
  const problems: string[] = [];
  for (const label of labels) {
    if (label.name !== wanted) continue;
    if ('problem' in label) problems.push(label.problem);
    else if (allowed.people.includes(label.person)) return { label: wanted, person: label.person };
    else problems.push(`${label.person.name} put it on, and only ${allowed.words} may`);
  }
  return problems.length === 0 ? undefined : { problem: problems.join('; ') };
}

function whyStale(label: Label, { head, pushes }: Pick<Proposal, 'head' | 'pushes'>): string | undefined {
  const stale = 'it was put on for an earlier commit: take it off and put it on again';
  if (label.head !== undefined) return label.head === head ? undefined : stale;
  const pushed = Math.max(...pushes.map(({ at }) => Date.parse(at)));
  const put = Date.parse(label.at ?? '');
  if (Number.isNaN(put) || !Number.isFinite(pushed)) return 'nothing shows for which commit it was put on';
  return put > pushed ? undefined : stale;
}
