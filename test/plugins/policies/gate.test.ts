import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Label } from '../../../core/capabilities/forge.ts';
import { Courtroom, codes, manifest, passed, toProduction, unmet, yardFiles } from './courtroom.ts';
import { approvalBy } from './workplace.ts';

let court: Courtroom;
beforeEach(() => {
  court = new Courtroom();
});
afterEach(() => court.close());

const policy = (spec: string) => ({ 'policies/production.yaml': manifest.policy('production', spec) });
const twoApprovals = policy(`
rules:
  - name: two-approvals
    when: change.environment == "production"
    approvals: { count: 2, from: { teams: [risk] } }
`);

describe('without any policy', () => {
  it('asks for valid manifests, and for one approval by somebody else', async () => {
    court.commit(yardFiles);
    const head = court.propose(toProduction());
    const refused = await court.judge(head);
    expect(refused.allowed).toBe(false);
    expect(unmet(refused)).toEqual([
      {
        code: 'ApprovalMissing',
        rule: 'built in, there is no policy',
        met: false,
        message: 'needs 1 approval by anybody whom a team names; has none',
        hint: 'Ask Grace, Linus or Mallory.',
      },
    ]);
    const allowed = await court.judge(head, { reviews: [approvalBy('linus', head)] });
    expect(allowed.allowed).toBe(true);
    expect(allowed.approvals).toEqual([
      {
        by: { name: 'Linus', account: 'linus', email: 'linus@risk.example' },
        at: '2026-02-02T02:00:00Z',
      },
    ]);
  });

  it('asks for nobody’s approval where there is nobody to ask', async () => {
    const { 'teams/risk.yaml': _, 'teams/modelling.yaml': __, ...files } = yardFiles;
    court.commit(files);
    expect(await court.judge(court.propose(toProduction()))).toMatchObject({ allowed: true });
  });

  it('lets nothing pass whose manifests are not known to be valid', async () => {
    court.commit(yardFiles);
    const head = court.propose(toProduction());
    const reviews = [approvalBy('linus', head)];
    for (const [outcome, code] of [
      ['fail', 'CheckFailed'],
      ['error', 'CheckErrored'],
      ['pending', 'CheckPending'],
      ['neutral', 'CheckNeutral'],
    ] as const) {
      const verdict = await court.judge(head, { reviews, checks: [{ ...passed('manifests'), outcome }] });
      expect([verdict.allowed, codes(verdict)[0]]).toEqual([false, `${code}!`]);
    }
    expect(codes(await court.judge(head, { reviews, checks: [] }))[0]).toBe('CheckMissing!');
  });
});

describe('a rule that asks for approvals', () => {
  it('counts two people of the team, and says whom to ask', async () => {
    court.commit({ ...yardFiles, ...twoApprovals });
    const head = court.propose(toProduction());
    const one = await court.judge(head, {
      reviews: [approvalBy('grace', head), approvalBy('mallory', head)],
    });
    expect(unmet(one)).toEqual([
      {
        code: 'ApprovalMissing',
        rule: 'Policy/production, rule two-approvals',
        met: false,
        message: 'needs 2 approvals by team risk; has 1 (Grace)',
        hint: 'Ask team risk: Linus.',
      },
    ]);
    const two = await court.judge(head, { reviews: [approvalBy('grace', head), approvalBy('linus', head)] });
    expect(codes(two)).toEqual(['CheckPassed', 'Approved']);
    expect(two.allowed).toBe(true);
    expect(two.approvals?.map(({ by, teams }) => [by.name, teams])).toEqual([
      ['Grace', ['risk']],
      ['Linus', ['risk']],
    ]);
  });

  it('does not apply to other environments', async () => {
    court.commit({ ...yardFiles, ...twoApprovals });
    const head = court.propose({
      'environments/staging/bird-strike.yaml': manifest.deployment('staging', '1.1.0'),
    });
    expect(await court.judge(head)).toMatchObject({ allowed: true });
  });

  it('says why a review does not count: of an earlier commit, or of the author', async () => {
    court.commit({ ...yardFiles, ...twoApprovals });
    const head = court.propose(toProduction(), { name: 'G.', email: 'grace@risk.example' });
    const stale = approvalBy('linus', court.git.git('rev-parse', 'main'));
    const [requirement] = unmet(
      await court.judge(head, {
        reviews: [stale, approvalBy('grace', head)],
        author: { name: 'x', account: 'yard[bot]' },
      }),
    );
    expect(requirement?.message).toBe(
      'needs 2 approvals by team risk; has none – linus approved on an earlier commit; grace approved a change of their own',
    );
    expect(requirement?.hint).toBe('Only Linus could approve: the author cannot. Add people to team risk.');
  });

  it('does not let an author approve under a second address of theirs', async () => {
    const any = policy('rules:\n  - { name: one, approvals: { from: { teams: [modelling] } } }');
    court.commit({ ...yardFiles, ...any });
    const head = court.propose(toProduction(), { name: 'E. Home', email: 'eve@home.example' });
    const author = { name: 'yard', account: 'yard[bot]' };
    expect(await court.judge(head, { author, reviews: [approvalBy('eve', head)] })).toMatchObject({
      allowed: false,
    });
    expect(await court.judge(head, { author, reviews: [approvalBy('mallory', head)] })).toMatchObject({
      allowed: true,
    });
  });

  it('is held up by whoever of them asks for changes, until they approve', async () => {
    court.commit({
      ...yardFiles,
      ...policy('rules:\n  - { name: one, approvals: { from: { teams: [risk] } } }'),
    });
    const head = court.propose(toProduction());
    const objection = approvalBy('linus', head, { verdict: 'request-changes' });
    const held = await court.judge(head, { reviews: [approvalBy('grace', head), objection] });
    expect([held.allowed, codes(held)]).toEqual([false, ['CheckPassed', 'Approved', 'ChangesRequested!']]);
    const reviews = [objection, approvalBy('grace', head), approvalBy('linus', head)];
    expect(await court.judge(head, { reviews })).toMatchObject({ allowed: true });
    const strangers = approvalBy('mallory', head, { verdict: 'request-changes' });
    expect(await court.judge(head, { reviews: [approvalBy('grace', head), strangers] })).toMatchObject({
      allowed: true,
    });
  });

  it('counts nobody where it cannot be read who made the change', async () => {
    court.commit({ ...yardFiles, ...twoApprovals });
    const head = court.propose(toProduction());
    const registry = await court.registry();
    registry.repository.isAncestor = async () => {
      throw new Error('object not found');
    };
    const verdict = await court.judge(head, {
      reviews: [approvalBy('grace', head), approvalBy('linus', head)],
    });
    expect(codes(verdict)).toContain('AuthorsUnknown!');
    expect(verdict.allowed).toBe(false);
  });
});

describe('a rule that asks for checks', () => {
  it('takes neutral for passed unless it says otherwise, and names what has not run', async () => {
    court.commit({
      ...yardFiles,
      ...policy(`
rules:
  - { name: lenient, checks: { pass: [card, size] } }
  - { name: strict, checks: { pass: [size], neutral: refuse } }
`),
    });
    const checks = [passed('manifests'), { ...passed('size'), outcome: 'neutral' as const }];
    const verdict = await court.judge(court.propose(toProduction()), { checks });
    expect(verdict.requirements.map(({ code, rule }) => [code, rule.split(' ').at(-1)])).toEqual([
      ['CheckPassed', 'in'],
      ['CheckMissing', 'lenient'],
      ['CheckPassed', 'lenient'],
      ['CheckNeutral', 'strict'],
    ]);
  });
});

describe('a rule that asks for soak and the promotion path', () => {
  const soak = policy(`
rules:
  - name: soaked
    when: change.environment == "production"
    promotionPath: true
    soak: { for: 24h }
`);
  const inStaging = { 'environments/staging/bird-strike.yaml': manifest.deployment('staging', '1.1.0') };

  it('refuses what never served before, and says what to do', async () => {
    court.commit({ ...yardFiles, ...soak });
    const verdict = await court.judge(court.propose(toProduction()));
    expect(unmet(verdict).map(({ code, hint }) => [code, hint])).toEqual([
      [
        'PromotionPathSkipped',
        'Promote it to staging first: switchyard promote bird-strike 1.1.0 --to staging.',
      ],
      ['SoakTooShort', 'Promote it to staging first: switchyard promote bird-strike 1.1.0 --to staging.'],
    ]);
  });

  it('says when it will be met, and is met then, by the dates of the commits', async () => {
    court.commit({ ...yardFiles, ...soak });
    court.commit(inStaging, '2026-01-10T00:00:00Z');
    const head = court.propose(toProduction());
    const early = await court.judge(head, { now: '2026-01-10T12:00:00Z' });
    expect(codes(early)).toEqual(['CheckPassed', 'PromotionPathKept', 'SoakTooShort!']);
    expect(unmet(early)[0]).toMatchObject({
      metAt: '2026-01-11T00:00:00Z',
      message:
        'bird-strike 1.1.0 serves in staging since 2026-01-10T00:00:00Z, for 12h of 24h (by the dates of the commits)',
    });
    expect(await court.judge(head, { now: '2026-01-10T23:59:59Z' })).toMatchObject({ allowed: false });
    expect(await court.judge(head, { now: '2026-01-11T00:00:00Z' })).toMatchObject({ allowed: true });
  });

  it('takes a time that ended, where it was long enough', async () => {
    court.commit({ ...yardFiles, ...soak });
    court.commit(inStaging, '2026-01-03T00:00:00Z');
    court.commit(
      { 'environments/staging/bird-strike.yaml': manifest.deployment('staging', '1.0.0') },
      '2026-01-05T00:00:00Z',
    );
    expect(await court.judge(court.propose(toProduction()))).toMatchObject({ allowed: true });
  });

  it('does not believe a commit that is dated before the one before it', async () => {
    court.commit({ ...yardFiles, ...soak }, '2026-01-10T00:00:00Z');
    court.commit(inStaging, '2025-01-01T00:00:00Z');
    const verdict = await court.judge(court.propose(toProduction()), { now: '2026-01-10T12:00:00Z' });
    expect(unmet(verdict)[0]?.metAt).toBe('2026-01-11T00:00:00Z');
  });

  it('believes the journal rather than dates, and says so', async () => {
    court.commit({ ...yardFiles, ...soak });
    court.commit(inStaging, '2026-01-03T00:00:00Z');
    const switched = (to: string, time: string) =>
      court.journal.push({
        sequence: court.journal.length + 1,
        time,
        type: 'deployment.switched',
        ref: 'Deployment/staging/bird-strike',
        commit: null,
        message: '',
        data: { model: 'bird-strike', to },
      });
    switched('1.0.0', '2026-01-01T00:00:00Z');
    switched('1.1.0', '2026-01-10T11:00:00Z');
    const head = court.propose(toProduction());
    const [requirement] = unmet(await court.judge(head, { now: '2026-01-10T12:00:00Z' }));
    expect(requirement).toMatchObject({ code: 'SoakTooShort', metAt: '2026-01-11T11:00:00Z' });
    expect(requirement?.message).toContain('for 1h of 24h (by the journal)');
    switched('1.0.0', '2026-01-10T11:30:00Z');
    const [ended] = unmet(await court.judge(head, { now: '2026-01-20T12:00:00Z' }));
    expect(ended?.message).toContain('served in staging for 30m only, and no more');
  });

  it('is met at the time that it told, also where traffic moved within a second', async () => {
    court.commit({ ...yardFiles, ...soak });
    court.journal.push({
      sequence: 1,
      time: '2026-01-10T11:00:00.900Z',
      type: 'deployment.switched',
      ref: 'Deployment/staging/bird-strike',
      commit: null,
      message: '',
      data: { model: 'bird-strike', to: '1.1.0' },
    });
    const head = court.propose(toProduction());
    const [requirement] = unmet(await court.judge(head, { now: '2026-01-11T11:00:00.800Z' }));
    expect(requirement?.metAt).toBe('2026-01-11T11:00:01Z');
    expect(await court.judge(head, { now: '2026-01-11T11:00:01Z' })).toMatchObject({ allowed: true });
  });

  it('lets a version go back to where it served before, at once', async () => {
    court.commit({ ...yardFiles, ...soak });
    court.commit({ ...inStaging, ...toProduction('1.1.0') }, '2026-01-05T00:00:00Z');
    const verdict = await court.judge(court.propose(toProduction('1.0.0')));
    expect(codes(verdict)).toEqual(['CheckPassed', 'ServedBefore', 'ServedBefore']);
  });

  it('does not pass what goes to an environment that the base does not know', async () => {
    const { 'environments/production/environment.yaml': environment, ...others } = yardFiles;
    const { 'environments/production/bird-strike.yaml': _, ...files } = others;
    court.commit({ ...files, ...soak });
    const head = court.propose({
      ...toProduction(),
      'environments/production/environment.yaml': environment,
    });
    expect(codes(await court.judge(head))).toEqual(
      expect.arrayContaining(['PromotionPathUnknown!', 'SoakUnknown!']),
    );
  });

  it('does not take an older version that never served for a way back', async () => {
    court.commit({
      ...yardFiles,
      ...soak,
      'models/bird-strike/versions/0.9.0.yaml': manifest.version('0.9.0'),
    });
    const verdict = await court.judge(court.propose(toProduction('0.9.0')));
    expect(codes(verdict)).toEqual(['CheckPassed', 'PromotionPathSkipped!', 'SoakTooShort!']);
  });
});

describe('a freeze', () => {
  it('holds a merge up, and says until when', async () => {
    court.commit({
      ...yardFiles,
      ...policy(`
rules:
  - name: weekend
    freeze: [{ from: fri 16:00, to: mon 08:00, timeZone: Europe/Berlin, reason: nobody is on call }]
`),
    });
    const head = court.propose(toProduction());
    const [requirement] = unmet(await court.judge(head, { now: '2026-03-28T12:00:00Z' }));
    expect(requirement).toEqual({
      code: 'FrozenNow',
      rule: 'Policy/production, rule weekend',
      met: false,
      message: 'nothing merges from fri 16:00 to mon 08:00 (Europe/Berlin): nobody is on call',
      hint: 'Wait until 2026-03-30T06:00:00Z.',
      metAt: '2026-03-30T06:00:00Z',
    });
    expect(await court.judge(head, { now: '2026-03-30T06:00:00Z' })).toMatchObject({ allowed: true });
  });
});

describe('a condition', () => {
  it('must hold for each change, and its message says why not', async () => {
    court.commit({
      ...yardFiles,
      ...policy(`
rules:
  - name: small
    when: change.kind == "Deployment"
    condition: { expression: 'checks["size"].facts.ratio < 1.5', message: The model may not grow by half. }
`),
    });
    const head = court.propose(toProduction());
    const size = (ratio: number) => ({
      checks: [passed('manifests'), { ...passed('size'), facts: { ratio } }],
    });
    expect(await court.judge(head, size(1.2))).toMatchObject({ allowed: true });
    const [failed] = unmet(await court.judge(head, size(2)));
    expect(failed).toMatchObject({
      code: 'ConditionFailed',
      message: 'The model may not grow by half. (not so for Deployment/production/bird-strike)',
    });
    const [unknown] = unmet(await court.judge(head));
    expect(unknown).toMatchObject({
      code: 'ConditionError',
      message: 'the expression cannot be evaluated: no such key: size',
    });
  });

  it('of applying that cannot be told applies', async () => {
    court.commit({
      ...yardFiles,
      'models/bird-strike/model.yaml': manifest.model('{}'),
      ...policy('rules:\n  - { name: risky, when: change.labels.risk == "high", approvals: {} }'),
    });
    const verdict = await court.judge(court.propose(toProduction()));
    expect(unmet(verdict)[0]?.rule).toContain('applies because its `when` cannot be told: no such key: risk');
  });
});

describe('breaking the glass', () => {
  const breakable = policy(`
rules:
  - name: two-approvals
    when: change.environment == "production"
    approvals: { count: 2, from: { teams: [risk] } }
    breakGlass: { label: break-glass, by: { people: [Linus] } }
  - name: small
    condition: { expression: 'proposal.number < 100', message: Too many. }
`);
  const label = (account: string, more: Partial<Label> = {}): Label => ({
    name: 'break-glass',
    by: { name: account, account },
    at: '2026-01-02T00:00:01Z',
    proof: { type: 'forge' },
    ...more,
  });

  it('lets a proposal pass, is told in the verdict, and is recorded, logged and counted once', async () => {
    court.commit({ ...yardFiles, ...breakable });
    const head = court.propose(toProduction());
    for (const _ of [1, 2, 3]) {
      const verdict = await court.judge(head, { labels: [label('linus')] });
      expect(verdict).toMatchObject({
        allowed: true,
        breakGlass: { label: 'break-glass', by: 'Linus', unmet: 1 },
      });
      expect(codes(verdict)).toContain('ApprovalMissing!');
    }
    expect(court.journal.map(({ type, commit, message }) => [type, commit, message])).toEqual([
      [
        'policy.broke-glass',
        head,
        'Linus let proposal 1 pass by the label break-glass, with 1 requirement not met',
      ],
    ]);
    expect(court.warnings[0]).toMatchObject({ by: 'Linus', unmet: 1 });
    expect(await court.metrics()).toContain('switchyard_policy_broke_glass_total');
  });

  it.each([
    ['the wrong person', label('grace'), 'Grace put it on, and only Linus may'],
    ['nobody who is known', label('x', { by: undefined }), 'the forge does not say who put it on'],
    ['somebody without proof', label('linus', { proof: { type: 'none' } }), 'without a signature'],
    [
      'the right person for an earlier commit',
      label('linus', { head: 'f'.repeat(40) }),
      'for an earlier commit',
    ],
    [
      'the right person before the last push',
      label('linus', { at: '2026-01-01T00:00:00Z' }),
      'for an earlier commit',
    ],
  ])('does not help when %s put the label on, and the verdict says so', async (_, one, why) => {
    court.commit({ ...yardFiles, ...breakable });
    const verdict = await court.judge(court.propose(toProduction()), { labels: [one] });
    expect(verdict.allowed).toBe(false);
    expect(verdict.breakGlass).toBeUndefined();
    expect(unmet(verdict)[0]?.message).toContain(why);
    expect(court.journal).toEqual([]);
  });

  it('helps for the rule that says so, and for no other, nor for manifests', async () => {
    court.commit({ ...yardFiles, ...breakable });
    const labels = [label('linus')];
    const head = court.propose(toProduction());
    const checks = [{ ...passed('manifests'), outcome: 'fail' as const }];
    expect(await court.judge(head, { labels, checks })).toMatchObject({ allowed: false });
    court.commit({
      ...policy(`
rules:
  - { name: one, approvals: {}, breakGlass: { label: break-glass, by: { people: [Linus] } } }
  - { name: two, condition: { expression: 'false', message: Never. } }
`),
    });
    const next = court.propose(toProduction());
    const verdict = await court.judge(next, { labels });
    expect(verdict.allowed).toBe(false);
    expect(verdict.breakGlass).toBeUndefined();
    expect(court.journal).toEqual([]);
  });
});

describe('a proposal that changes what judges', () => {
  it('is judged by the old policy, whatever it writes into the new one', async () => {
    court.commit({ ...yardFiles, ...twoApprovals });
    const lax = policy('rules:\n  - { name: nothing, when: "false", approvals: {} }');
    const head = court.propose({ ...toProduction(), ...lax });
    const verdict = await court.judge(head, { reviews: [approvalBy('mallory', head)] });
    expect(unmet(verdict)[0]?.rule).toBe('Policy/production, rule two-approvals');
    const without = court.propose({ ...toProduction(), 'policies/production.yaml': null });
    expect(codes(await court.judge(without))).toContain('ApprovalMissing!');
  });

  it('is judged by the old teams: a member that it adds approves nothing', async () => {
    court.commit({ ...yardFiles, ...twoApprovals });
    const teams = yardFiles['teams/risk.yaml'].replace(
      '  members:\n',
      '  members:\n    - { name: Sock, emails: [sock@x.example], accounts: { github: sock } }\n',
    );
    expect(teams).toContain('Sock');
    const head = court.propose({ ...toProduction(), 'teams/risk.yaml': teams });
    const reviews = [approvalBy('sock', head), approvalBy('grace', head)];
    expect(await court.judge(head, { reviews })).toMatchObject({ allowed: false });
  });

  it('cannot put other bytes under a version that production answers with', async () => {
    court.commit({ ...yardFiles, ...twoApprovals });
    const path = 'models/bird-strike/versions/1.0.0.yaml';
    const other = manifest.version('1.0.0').replace(`sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`);
    const head = court.propose({ [path]: other });
    expect(unmet(await court.judge(head)).map(({ code, rule }) => [code, rule])).toEqual([
      ['ApprovalMissing', 'Policy/production, rule two-approvals'],
    ]);
    const reviews = [approvalBy('grace', head), approvalBy('linus', head)];
    expect(await court.judge(head, { reviews })).toMatchObject({ allowed: true });
    const elsewhere = manifest.version('1.0.0').replace('https://example.com/', 'https://mirror.example/');
    expect(await court.judge(court.propose({ [path]: elsewhere }))).toMatchObject({ allowed: true });
  });

  it('cannot take a label off the model in the change that the label holds up', async () => {
    const risky = policy('rules:\n  - { name: risky, when: change.labels.risk == "high", approvals: {} }');
    court.commit({ ...yardFiles, ...risky });
    const head = court.propose({
      ...toProduction(),
      'models/bird-strike/model.yaml': manifest.model('{ risk: low }'),
    });
    expect(codes(await court.judge(head))).toContain('ApprovalMissing!');
  });

  it.each([
    ['a policy', twoApprovals],
    ['the workflows', { '.github/workflows/check.yaml': 'on: push\n' }],
    ['the code owners', { CODEOWNERS: '* @eve\n' }],
    [
      'where production promotes from',
      { 'environments/production/environment.yaml': manifest.environment('production') },
    ],
    ['the packages', { 'package.json': '{}\n' }],
    ['code of packages', { 'node_modules/switchyard/index.js': 'evil()\n' }],
    ['the configuration of a platform that starts here', { 'switchyard.config.yaml': 'host: 0.0.0.0\n' }],
    ['what Git hides or merges otherwise', { '.gitattributes': '* merge=union\n' }],
    ['the pipeline of another host', { '.woodpecker/check.yaml': 'steps: []\n' }],
    ['a name that some file systems take for another', { Jenkinsfile: 'sh "true"\n' }],
  ])('needs one approval though no rule asks for it: %s', async (_, files) => {
    court.commit({
      ...yardFiles,
      ...policy('rules:\n  - { name: dev, when: change.environment == "dev", approvals: {} }'),
    });
    const head = court.propose(files);
    const refused = await court.judge(head);
    expect(unmet(refused).map(({ code, rule }) => [code, rule])).toEqual([
      ['ApprovalMissing', 'built in, a change of what judges'],
    ]);
    expect(await court.judge(head, { reviews: [approvalBy('grace', head)] })).toMatchObject({
      allowed: true,
    });
    expect(await court.judge(court.propose({ 'README.md': 'hello\n' }))).toMatchObject({ allowed: true });
  });

  it('does not pass while the base itself has a policy that is not valid', async () => {
    court.commit({ ...yardFiles, ...policy('rules:\n  - { name: one, when: "chnge.kind == 1" }') });
    const verdict = await court.judge(court.propose(toProduction()));
    expect(unmet(verdict)[0]).toMatchObject({ code: 'PolicyBroken' });
    expect(unmet(verdict)[0]?.message).toContain('policies/production.yaml:');
  });
});

describe('the author in expressions', () => {
  const lenient = policy(`
rules:
  - { name: people, when: '!author.machine', approvals: {} }
`);
  const bot = { name: 'yard', account: 'yard[bot]' };

  it('is a program only where all of the change is proven to be its own', async () => {
    court.commit({ ...yardFiles, ...lenient });
    const own = court.propose(toProduction(), { name: 'Switchyard', email: 'bot@platform.example' });
    expect(await court.judge(own, { author: bot })).toMatchObject({ allowed: true });
    const asked = court.propose(toProduction(), { name: 'Eve', email: 'eve@models.example' });
    expect(await court.judge(asked, { author: bot })).toMatchObject({ allowed: false });
    const unproven = { ...bot, account: undefined, email: 'bot@platform.example' };
    const pushes = [
      { by: unproven, head: own, at: '2026-01-02T00:00:00Z', proof: { type: 'none' as const } },
    ];
    expect(await court.judge(own, { author: unproven, pushes })).toMatchObject({ allowed: false });
  });
});
