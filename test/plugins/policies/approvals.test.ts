import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Actor, Review } from '../../../core/capabilities/forge.ts';
import { openRepository } from '../../../libraries/git/open-repository.ts';
import { type CountedReviews, countReviews } from '../../../plugins/policies/approvals.ts';
import { Authors, authorsOf } from '../../../plugins/policies/authors.ts';
import type { People } from '../../../plugins/policies/people.ts';
import { makeRepository, temporaryFolder } from '../../fixtures/git-repository.ts';
import { Workshop, whyNoOracle } from '../../libraries/git-signatures/ssh/workshop.ts';
import { approvalBy, peopleIn, signedEvent, team } from './workplace.ts';

const head = 'a'.repeat(40);
const earlier = 'b'.repeat(40);
const at = Date.parse('2026-03-01T00:00:00Z');

const people = peopleIn(
  team('risk', [
    { name: 'Ada', emails: ['ada@example.com', 'ada@home.example'], accounts: { github: 'ada' } },
    { name: 'Grace', emails: ['grace@example.com'], accounts: { github: 'grace', gitlab: 'ada' } },
    { name: 'Linus', accounts: { github: 'linus' } },
    { name: 'Bot', machine: true, accounts: { github: 'bot[bot]' } },
  ]),
);

function count(
  reviews: readonly Review[],
  authors: readonly Actor[] = [],
  known: People = people,
  forge = 'github',
) {
  return countReviews({
    reviews,
    head,
    authors: new Authors(authors, known, forge),
    people: known,
    forge,
    at,
  });
}

const names = ({ approvals }: CountedReviews) => approvals.map(({ person }) => person.name);
const reasons = ({ discounted }: CountedReviews) => discounted.map(({ because }) => because.reason);

describe('on a forge, a review counts', () => {
  it('when the account of a member approved this head', () => {
    const counted = count([approvalBy('Ada', head), approvalBy('grace', head)]);
    expect(names(counted)).toEqual(['Ada', 'Grace']);
    expect(counted.discounted).toEqual([]);
  });

  it('once a person, however often they approve', () => {
    expect(names(count([approvalBy('ada', head), approvalBy('ada', head)]))).toEqual(['Ada']);
  });

  it('never for another head, by a stranger, by a program, or without proof', () => {
    const counted = count([
      approvalBy('ada', earlier),
      approvalBy('mallory', head),
      approvalBy('bot[bot]', head),
      approvalBy('grace', head, { proof: { type: 'none' } }),
      approvalBy('grace', head, { by: { name: 'Grace', email: 'grace@example.com' } }),
    ]);
    expect(counted.approvals).toEqual([]);
    expect(reasons(counted)).toEqual(['stale', 'stranger', 'machine', 'unproven', 'unproven']);
  });

  it('for the accounts of that forge only', () => {
    expect(names(count([approvalBy('ada', head)], [], people, 'gitlab'))).toEqual(['Grace']);
    expect(names(count([approvalBy('ada', head)], [], people, 'gitea'))).toEqual([]);
  });

  it('by what somebody said last', () => {
    const objection = approvalBy('ada', head, { verdict: 'request-changes' });
    const taken = count([approvalBy('ada', head), objection]);
    expect(taken.approvals).toEqual([]);
    expect(taken.objections.map(({ person }) => person.name)).toEqual(['Ada']);
    expect(reasons(taken)).toEqual(['superseded']);
    const given = count([
      objection,
      approvalBy('ada', head),
      approvalBy('ada', head, { verdict: 'comment' }),
    ]);
    expect([names(given), given.objections]).toEqual([['Ada'], []]);
  });
});

describe('an author cannot approve', () => {
  it.each([
    ['by their account', { name: 'x', account: 'ADA' }],
    ['by the address of the commits', { name: 'x', email: 'ada@example.com' }],
    ['by a second address of theirs', { name: 'x', email: 'Ada@Home.example' }],
    ['by their name', { name: 'ada', email: 'unknown@example.com' }],
  ])('%s', (_, author) => {
    const counted = count([approvalBy('ada', head), approvalBy('grace', head)], [author]);
    expect(names(counted)).toEqual(['Grace']);
    expect(reasons(counted)).toEqual(['author']);
  });

  it('under an account that no team knows, when it opened the proposal itself', () => {
    const known = peopleIn(
      team('risk', [{ name: 'Ada', emails: ['ada@example.com'], accounts: { github: 'ada2' } }]),
    );
    const review = approvalBy('ada2', head, {
      by: { name: 'Ada L.', account: 'ada2', email: 'a@b.example' },
    });
    expect(names(count([review], [{ name: 'someone', email: 'a@b.example' }], known))).toEqual([]);
  });

  it('of any commit in the proposal: its author, its committer, and who is named beside them', async () => {
    const folder = temporaryFolder();
    const git = makeRepository(folder.path);
    const base = git.commit({ 'a.txt': 'a' });
    git.git('checkout', '-q', '-b', 'side');
    git.commit({ 'b.txt': 'b' }, 'side\n\nCo-authored-by: Linus <linus@example.com>');
    git.git('checkout', '-q', 'main');
    git.commit({ 'c.txt': 'c' });
    git.git('-c', 'user.email=merger@example.com', 'merge', '-q', '--no-ff', '--no-edit', 'side');
    const merged = git.git('rev-parse', 'HEAD');
    const repository = await openRepository(folder.path);
    const proposal = {
      author: { name: 'Opener', account: 'opener' },
      pushes: [
        {
          by: { name: 'Pusher', account: 'pusher' },
          head: merged,
          at: '',
          proof: { type: 'forge' as const },
        },
      ],
      head: merged,
    };
    const actors = await authorsOf(proposal, base, repository);
    await repository.close();
    folder.remove();
    expect(actors.map(({ name, email }) => email ?? name).sort()).toEqual([
      'Opener',
      'Pusher',
      'ada@example.org',
      'grace@example.org',
      'linus@example.com',
    ]);
  });
});

describe('whatever reviews there are', () => {
  const review = fc.record({
    account: fc.constantFrom('ada', 'grace', 'linus', 'bot[bot]', 'mallory', 'ADA'),
    verdict: fc.constantFrom('approve', 'request-changes', 'comment') as fc.Arbitrary<Review['verdict']>,
    head: fc.constantFrom(head, earlier),
    proof: fc.constantFrom({ type: 'forge' }, { type: 'none' }) as fc.Arbitrary<Review['proof']>,
  });
  const author = fc.constantFrom('ada', 'grace', 'linus', 'mallory');

  it('approvers are distinct members, no authors, and said yes to this head last', () => {
    fc.assert(
      fc.property(fc.array(review, { maxLength: 12 }), author, (drafts, by) => {
        const reviews = drafts.map(({ account, ...more }) => approvalBy(account, more.head, more));
        const { approvals, objections } = count(reviews, [{ name: by, account: by }]);
        const all = [...approvals, ...objections].map(({ person }) => person.name);
        expect(new Set(all).size).toBe(all.length);
        for (const { person, review: said } of approvals) {
          expect(person.machine).toBe(false);
          expect(person.accounts.get('github')).not.toBe(by);
          expect(said).toMatchObject({ head, verdict: 'approve', proof: { type: 'forge' } });
        }
      }),
    );
  });

  it('more reviews of an earlier head change nothing', () => {
    fc.assert(
      fc.property(fc.array(review), fc.array(review), (drafts, others) => {
        const made = drafts.map(({ account, ...more }) => approvalBy(account, more.head, more));
        const stale = others.map(({ account, ...more }) =>
          approvalBy(account, earlier, { ...more, head: earlier }),
        );
        expect(names(count([...made, ...stale]))).toEqual(names(count(made)));
      }),
    );
  });
});

if (whyNoOracle !== undefined) console.warn(whyNoOracle);
describe.skipIf(whyNoOracle !== undefined)('in the embedded forge, a signed review', () => {
  const workshop = new Workshop();
  afterAll(() => workshop.close());
  const adasKey = workshop.key('ed25519');
  const gracesKey = workshop.key('ed25519');
  const authority = workshop.key('ed25519');
  const who = { name: 'Ada', email: 'ada@example.com' };
  const signedBy = (
    key: typeof adasKey,
    by: Actor & { email: string } = who,
    namespace?: string,
  ): Review => ({
    by,
    verdict: 'approve',
    head,
    at: '2026-02-02T02:00:00Z',
    body: '',
    proof: { type: 'signature', object: signedEvent(workshop, key, by, namespace) },
  });
  let ada: Parameters<typeof team>[1][number];
  const grace = { name: 'Grace', emails: ['grace@example.com'], signingKeys: [{ ssh: gracesKey.line }] };
  const known = (more: object = {}) => peopleIn(team('risk', [ada, grace], more));
  beforeEach(() => {
    ada = {
      name: 'Ada',
      emails: ['Ada@example.com', 'ada@home.example'],
      signingKeys: [{ ssh: `${adasKey.line} ada@laptop` }],
    };
  });

  it('counts where a key of the very member signed that it names', () => {
    expect(
      names(
        count(
          [signedBy(adasKey), signedBy(gracesKey, { name: 'G', email: 'grace@example.com' })],
          [],
          known(),
        ),
      ),
    ).toEqual(['Ada', 'Grace']);
  });

  it('counts for nothing where another member signed in her name', () => {
    const counted = count([signedBy(gracesKey)], [], known());
    expect(counted.approvals).toEqual([]);
    expect(counted.discounted[0]?.because).toMatchObject({ reason: 'unproven' });
  });

  it('counts for nothing where it was changed after it was signed', () => {
    const forged = signedBy(gracesKey, { name: 'Grace', email: 'grace@example.com' });
    const object = (forged.proof as { object: Uint8Array }).object;
    const changed = Buffer.from(
      Buffer.from(object).toString('latin1').replace('approve', 'Approve'),
      'latin1',
    );
    const review: Review = { ...forged, proof: { type: 'signature', object: changed } };
    expect(reasons(count([review], [], known()))).toEqual(['unproven']);
  });

  it('counts for nothing where a stranger signed, or nobody, or what is no commit', () => {
    const eve = { name: 'Eve', email: 'eve@example.com' };
    const bare: Review = { ...signedBy(adasKey), proof: { type: 'signature', object: Buffer.from('hello') } };
    const counted = count([signedBy(workshop.key('ed25519')), signedBy(adasKey, eve), bare], [], known());
    expect(reasons(counted)).toEqual(['unproven', 'stranger', 'unproven']);
  });

  it('counts for nothing where it names her, and what she signed names another author', () => {
    const hers = signedBy(adasKey, { name: 'Ada', email: 'ada@home.example' });
    expect(reasons(count([{ ...hers, by: who }], [], known()))).toEqual(['unproven']);
  });

  it('counts for nothing where it was signed for another purpose than Git', () => {
    expect(reasons(count([signedBy(adasKey, who, 'file')], [], known()))).toEqual(['unproven']);
  });

  it('counts while the key is valid at the time of judging, whatever time the signer wrote', () => {
    ada = {
      ...ada,
      signingKeys: [{ ssh: adasKey.line, validAfter: '2026-01-01', validBefore: '2026-03-02' }],
    };
    expect(names(count([signedBy(adasKey)], [], known()))).toEqual(['Ada']);
    ada = { ...ada, signingKeys: [{ ssh: adasKey.line, validBefore: '2026-02-28' }] };
    expect(reasons(count([signedBy(adasKey)], [], known()))).toEqual(['unproven']);
  });

  it('counts only in the namespaces and for the addresses that the key is for', () => {
    ada = { ...ada, signingKeys: [{ ssh: adasKey.line, namespaces: ['file'] }] };
    expect(names(count([signedBy(adasKey)], [], known()))).toEqual([]);
    ada = {
      ...ada,
      signingKeys: [{ ssh: adasKey.line, namespaces: ['git'], principals: ['*@home.example'] }],
    };
    expect(names(count([signedBy(adasKey)], [], known()))).toEqual([]);
    const home = signedBy(adasKey, { name: 'Ada', email: 'ada@home.example' });
    expect(names(count([home], [], known()))).toEqual(['Ada']);
  });

  it('counts for nothing where its key is revoked, by whichever team', () => {
    const people = peopleIn(team('risk', [ada]), team('other', [grace], { revokedKeys: [adasKey.line] }));
    const counted = count([signedBy(adasKey)], [], people);
    expect(counted.discounted[0]?.because.words).toContain('revoked');
  });

  it('counts with a certificate of her team’s authority that names her address, and no other one', () => {
    const key = workshop.key('ed25519');
    const forAda = workshop.certify(authority, key, { principals: 'Ada@example.com' });
    const forGrace = workshop.certify(authority, key, { principals: 'grace@example.com' });
    const foreign = workshop.certify(workshop.key('ed25519'), key, { principals: 'Ada@example.com' });
    ada = { name: 'Ada', emails: ['Ada@example.com'] };
    const withAuthority = known({ certificateAuthorities: [{ ssh: authority.line }] });
    expect(names(count([signedBy(forAda)], [], withAuthority))).toEqual(['Ada']);
    expect(names(count([signedBy(forGrace)], [], withAuthority))).toEqual([]);
    expect(names(count([signedBy(foreign)], [], withAuthority))).toEqual([]);
    expect(names(count([signedBy(forAda)], [], known()))).toEqual([]);
    const elsewhere = peopleIn(
      team('risk', [ada]),
      team('other', [grace], { certificateAuthorities: [{ ssh: authority.line }] }),
    );
    expect(names(count([signedBy(forAda)], [], elsewhere))).toEqual([]);
  });
});
