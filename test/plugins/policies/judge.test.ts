import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { environmentKind } from '../../../plugins/environments/environment.ts';
import { type RecordedCase, readCaseFile } from '../../../plugins/policies/cases/case-file.ts';
import { runCase } from '../../../plugins/policies/cases/run-case.ts';
import { policyKind } from '../../../plugins/policies/policy.ts';
import type { PolicySpec } from '../../../schemas/generated/policy.ts';
import { manifestOf } from '../../fixtures/manifest.ts';
import { team } from './workplace.ts';

type Rule = PolicySpec['rules'][number];

const people = ['Ada', 'Grace', 'Linus', 'Eve'];
const resources = [
  team(
    'risk',
    people.slice(0, 3).map((name) => ({ name, emails: [`${name}@x.example`] })),
  ),
  team('other', [{ name: 'Eve', emails: ['eve@x.example'] }, { name: 'Grace' }]),
  manifestOf(environmentKind, { name: 'staging' }, {}),
  manifestOf(environmentKind, { name: 'production' }, { promotesFrom: 'staging' }),
];

const whom = fc.constantFrom<NonNullable<Rule['approvals']>['from']>(
  undefined,
  { teams: ['risk'] },
  { teams: ['other'] },
  { people: ['Eve'] },
);
const rule: fc.Arbitrary<Rule> = fc
  .record(
    {
      when: fc.constantFrom(
        'true',
        'change.environment == "production"',
        'change.judging',
        'change.labels.x == "y"',
      ),
      checks: fc.constantFrom<Rule['checks']>({ pass: ['*'] }, { pass: ['size'], neutral: 'refuse' }),
      approvals: fc
        .record({ count: fc.integer({ min: 1, max: 3 }) })
        .chain((one) => whom.map((from) => (from === undefined ? one : { ...one, from }))),
      soak: fc.constant({ for: '24h' }),
      promotionPath: fc.boolean(),
      freeze: fc.constant<NonNullable<Rule['freeze']>>([{ from: 'fri 16:00', to: 'mon 08:00' }]),
      condition: fc.constant({ expression: 'proposal.number > 0', message: 'No.' }),
    },
    { requiredKeys: [] },
  )
  .map((parts) => ({ name: 'rule', ...parts }));
const review = fc.record({
  by: fc.constantFrom(...people, 'Mallory'),
  stale: fc.boolean(),
  proven: fc.boolean(),
});
const recorded: fc.Arbitrary<RecordedCase> = fc.record({
  name: fc.constant('any'),
  author: fc.constantFrom(...people, 'Mallory'),
  changes: fc.array(
    fc.record({
      environment: fc.constantFrom('staging', 'production'),
      model: fc.constant('m'),
      to: fc.constantFrom('1.0.0', '1.1.0'),
      judging: fc.boolean(),
    }),
    { minLength: 1, maxLength: 2 },
  ),
  checks: fc.dictionary(
    fc.constantFrom('size', 'card', 'manifests'),
    fc.constantFrom('pass', 'fail', 'neutral') as fc.Arbitrary<'pass'>,
  ),
  reviews: fc.array(review, { maxLength: 5 }),
  served: fc.array(
    fc.record({
      environment: fc.constantFrom('staging', 'production'),
      version: fc.constantFrom('1.0.0', '1.1.0'),
      since: fc.constantFrom('2026-01-01T00:00:00Z', '2026-01-05T11:00:00Z'),
    }),
    { maxLength: 3 },
  ),
  now: fc.constantFrom('2026-01-05T12:00:00Z', '2026-01-10T12:00:00Z'),
  expect: fc.constant({ allowed: true }),
});

async function verdictOf(one: RecordedCase, rules: readonly Rule[]) {
  const policies = rules.map((own, index) =>
    manifestOf(policyKind, { name: `policy-${index}` }, { rules: [own] }),
  );
  return (await runCase(one, { resources: [...resources, ...policies], broken: [] })).verdict;
}

describe('whatever rules there are', () => {
  it('a proposal is allowed exactly where all requirements are met and no glass is broken', async () => {
    await fc.assert(
      fc.asyncProperty(recorded, fc.array(rule, { maxLength: 3 }), async (one, rules) => {
        const { allowed, requirements } = await verdictOf(one, rules);
        expect(allowed).toBe(requirements.every(({ met }) => met));
        for (const { met, code, message, hint } of requirements) {
          expect(code).toMatch(/^[A-Z][A-Za-z]+$/);
          expect(message).not.toBe('');
          if (!met && code !== 'CheckPending') expect(hint).toMatch(/\.$|: .+$/);
        }
      }),
    );
  });

  it('a further rule only asks for more, where there is one already', async () => {
    await fc.assert(
      fc.asyncProperty(
        recorded,
        fc.array(rule, { minLength: 1, maxLength: 2 }),
        rule,
        async (one, rules, more) => {
          // A rule that asks for approvals takes the place of the one that is built in for what judges.
          fc.pre(more.approvals === undefined);
          const [before, after] = [await verdictOf(one, rules), await verdictOf(one, [...rules, more])];
          if (after.allowed) expect(before.allowed).toBe(true);
        },
      ),
    );
  });

  it('reviews that are stale, unproven, by strangers or by the author never help', async () => {
    await fc.assert(
      fc.asyncProperty(recorded, fc.array(rule, { minLength: 1, maxLength: 3 }), async (one, rules) => {
        const good = (one.reviews ?? []).filter(
          ({ by, stale, proven }) => !stale && proven !== false && by !== one.author && by !== 'Mallory',
        );
        const [all, kept] = [await verdictOf(one, rules), await verdictOf({ ...one, reviews: good }, rules)];
        expect(all.allowed).toBe(kept.allowed);
        const names = (all.approvals ?? []).map(({ by }) => by.name);
        expect(new Set(names).size).toBe(names.length);
        expect(names).not.toContain(one.author);
      }),
    );
  });
});

describe('a file of cases', () => {
  it('is read with the line of each case', () => {
    const cases = readCaseFile(
      'a.yaml',
      '# cases\ncases:\n  - name: one\n    changes: [{ environment: dev }]\n    expect: { allowed: true }\n\n  - name: two\n    changes: [{}]\n    expect: { allowed: false }\n',
    );
    expect(cases.map(({ line, recorded: { name } }) => [line, name])).toEqual([
      [3, 'one'],
      [7, 'two'],
    ]);
  });

  it.each([
    ['cases:\n  - name: one\n    changes: []\n    expect: { allowed: true }\n', 'a.yaml:3'],
    ['cases:\n  - name: one\n    changes: [{}]\n    expect: { allowed: yes }\n', 'a.yaml:4'],
    [
      'cases:\n  - name: one\n    changes: [{}]\n    now: yesterday\n    expect: { allowed: true }\n',
      'a.yaml:4',
    ],
    ['cases: *here\n', 'a.yaml'],
    ['- just\n- a list\n', 'a.yaml:1'],
    ['', 'a.yaml:1'],
  ])('is refused with the place of what is wrong in it: %j', (text, where) => {
    expect(() => readCaseFile('a.yaml', text)).toThrowError(
      expect.objectContaining({ code: 'InvalidCase', where: expect.stringContaining(where) }),
    );
  });
});
