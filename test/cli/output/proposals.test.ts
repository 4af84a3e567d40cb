import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import { proposalForPeople, verdictLines } from '../../../cli/output/proposals.ts';
import type { Requirement } from '../../../core/capabilities/gate.ts';
import type { ShownProposal, Verdict } from '../../../plugins/proposals/proposals.ts';

const colours = picocolors.createColors(false);
const passed = (name: string): Requirement => ({
  code: 'CheckPassed',
  rule: 'Policy/promotion, rule checks',
  met: true,
  message: `the check ${name} passed: all is well`,
});
const soaked: Requirement = {
  code: 'Soaked',
  rule: 'Policy/promotion, rule soak',
  met: true,
  message: '1.1.0 served in staging for 25h',
};
const failed: Requirement = {
  code: 'CheckFailed',
  rule: 'Policy/promotion, rule checks',
  met: false,
  message: 'the check licence failed: unknown',
};

function linesOf(requirements: readonly Requirement[]): readonly string[] {
  const state = requirements.every(({ met }) => met) ? 'allowed' : 'refused';
  return verdictLines({ state, requirements, breakGlass: null } as unknown as Verdict, { colours });
}

describe('a verdict for people', () => {
  it('says in one line what the table of checks says in many', () => {
    expect(linesOf([passed('licence'), soaked, passed('lineage')])).toEqual([
      '✔ may be merged',
      '  ✔ 1.1.0 served in staging for 25h · Policy/promotion, rule soak',
      '  ✔ the checks that rules ask for passed',
    ]);
  });

  it('says once what meets two requirements of a rule', () => {
    expect(linesOf([soaked, { ...soaked, code: 'PathFollowed' }])).toEqual([
      '✔ may be merged',
      '  ✔ 1.1.0 served in staging for 25h · Policy/promotion, rule soak',
    ]);
  });

  it('names each check that is not met', () => {
    expect(linesOf([passed('lineage'), failed])).toEqual([
      '✘ may not be merged: 1 thing is missing',
      '  ✘ the check licence failed: unknown · Policy/promotion, rule checks',
      '  ✔ the other checks that rules ask for passed',
    ]);
  });
});

describe('a check that has not ended', () => {
  it('is not shown as one that failed', () => {
    const pending = { ...failed, code: 'CheckPending', message: 'the check replay has not ended' };
    const lines = linesOf([failed, pending]);
    expect(lines).toContain('  ✘ the check licence failed: unknown · Policy/promotion, rule checks');
    expect(lines).toContain('  … the check replay has not ended');
  });

  it('is counted where there are several, as each has its line in the table', () => {
    const pending = { ...failed, code: 'CheckPending', message: 'the check replay has not ended' };
    expect(linesOf([pending, { ...pending, message: 'the check artifact has not ended' }])).toEqual([
      '✘ may not be merged: 2 things are missing',
      '  … 2 checks that rules ask for have not ended',
    ]);
  });
});

describe('a proposal for people', () => {
  const shown = (body: string, judgement: unknown): ShownProposal =>
    ({
      proposal: {
        number: 7,
        title: 'Promote bird-strike 1.1.0 to staging',
        state: 'open',
        author: { name: 'Ada Example' },
        openedAt: '2026-01-05T11:00:00Z',
        head: '0'.repeat(40),
        base: 'refs/heads/main',
        labels: [],
        body,
      },
      reviews: [],
      judgement,
    }) as unknown as ShownProposal;
  const judgement = {
    verdict: { state: 'allowed', requirements: [], breakGlass: null },
    conflicts: [],
    issues: [],
    warnings: [],
    held: null,
    plan: null,
    models: [],
    blastRadius: { environments: [] },
    checks: [],
  };
  const view = { colours, width: 80, now: Date.parse('2026-01-05T12:00:00Z') };
  const body = 'Better on newer years.\n\n### What changes\n\n- `a.yaml`\n\nAsked for by Ada Example.';

  it('gives the reason before the verdict, and the plan once', () => {
    const text = proposalForPeople(shown(body, judgement), view);
    expect(text).toBe(
      [
        '#7 Promote bird-strike 1.1.0 to staging',
        'by Ada Example, 1h ago · 0000000000 into main',
        '',
        '  Better on newer years.',
        '',
        '✔ may be merged',
        '',
      ].join('\n'),
    );
  });

  it('says how much is touched: in deployments, and in requests where they are counted', () => {
    const touched = ['Deployment/production/bird-strike'];
    const traffic = {
      requests: 12_340,
      touched: [{ ref: 'Deployment/production/bird-strike', requests: 10_366 }],
      from: '2026-01-05T11:00:00.000Z',
      to: '2026-01-05T12:00:00.000Z',
    };
    const environments = [
      { name: 'staging', touched, deployments: 1, isDefault: false, traffic: null },
      { name: 'production', touched, deployments: 2, isDefault: false, traffic },
    ];
    const text = proposalForPeople(shown(body, { ...judgement, blastRadius: { environments } }), view);
    expect(text).toContain(
      [
        'Touches 1 of 1 deployment in staging',
        'Touches 1 of 2 deployments in production: 84 % of 12,340 requests in the last hour (counted at 2026-01-05 12:00 UTC)',
        '',
      ].join('\n'),
    );
  });

  it('gives the whole body while nothing is judged', () => {
    const text = proposalForPeople(shown(body, null), view);
    expect(text).toContain('  ### What changes\n');
    expect(text).toContain('  Asked for by Ada Example.\n');
  });

  it('says of an approval that no gate counts that it does not count', () => {
    const review = (name: string) => ({
      by: { name, email: `${name.toLowerCase()}@example.org` },
      verdict: 'approve',
      head: '0'.repeat(40),
      at: '2026-01-05T11:30:00Z',
      body: '',
      proof: { type: 'signature', object: new Uint8Array() },
    });
    const approvals = [{ by: review('Grace').by, teams: ['risk'] }];
    const reviewed = shown(body, { ...judgement, verdict: { ...judgement.verdict, approvals } });
    const text = proposalForPeople(
      { ...reviewed, reviews: [review('Grace'), review('Linus')] } as never,
      view,
    );
    expect(text).toContain('Grace approved 30m ago\n');
    expect(text).toContain('Linus approved 30m ago (does not count)\n');
  });

  it('shows foreign text without what moves the cursor or turns the line around', () => {
    const hostile = shown('x \u202eevil\u202c \u001b[2J\u2066y', null);
    const proposal = { ...hostile.proposal, title: 'A\u200f\u202e \u001b]0;t\u0007title\r\nB' };
    const text = proposalForPeople({ ...hostile, proposal }, view);
    expect(text).toContain('#7 A title B\n');
    expect(text).toContain('  x evil y\n');
  });

  it('has no empty lines for an empty body', () => {
    expect(proposalForPeople(shown('', judgement), view)).not.toMatch(/\n\n\n| {2}\n/);
  });
});
