import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../core/plugin.ts';
import { policyKind } from '../../../plugins/policies/policy.ts';
import { policyController } from '../../../plugins/policies/policy-controller.ts';
import type { PolicySpec } from '../../../schemas/generated/policy.ts';
import { manifestOf, relatedTo } from '../../fixtures/manifest.ts';
import { requestFor } from '../../fixtures/request.ts';
import { team } from './workplace.ts';

const risk = team('risk', [
  { name: 'Grace', emails: ['grace@example.com'] },
  { name: 'Linus', emails: ['linus@example.com'] },
  { name: 'Bot', machine: true, emails: ['bot@example.com'] },
]);
const policy = (...rules: PolicySpec['rules']) => manifestOf(policyKind, { name: 'production' }, { rules });

function told(...rules: PolicySpec['rules']): readonly (readonly [string, string])[] {
  return findingsOf(...rules).map(({ code, pointer }) => [code, pointer]);
}

function findingsOf(...rules: PolicySpec['rules']): readonly Finding[] {
  const resource = policy(...rules);
  return policyKind.validate?.(resource, relatedTo(policyKind, resource, [resource, risk])) ?? [];
}

describe('a policy', () => {
  it('is fine with rules that can be met', () => {
    const rule = {
      when: 'change.environment == "production"',
      checks: { pass: ['*'] },
      approvals: { count: 2, from: { teams: ['risk'] } },
      freeze: [{ from: 'fri 16:00', to: 'mon 08:00', timeZone: 'Europe/Berlin' }],
      condition: { expression: 'size(proposal.files) < 100', message: 'Too many files.' },
      breakGlass: { label: 'break-glass', by: { people: ['Linus'] } },
    };
    expect(told({ name: 'one', ...rule }, { name: 'two', ...rule })).toEqual([]);
  });

  it('refers to its teams and environments, so that a missing one is an error at its line', () => {
    const references = policyKind.references?.(
      policy({
        name: 'one',
        approvals: { from: { teams: ['risk', 'ops'] } },
        soak: { in: 'staging', for: '1h' },
        breakGlass: { label: 'x', by: { teams: ['on-call'] } },
      }),
    );
    expect(references?.map(({ to, pointer }) => [to, pointer])).toEqual([
      ['Team/*', '/spec'],
      ['Team/risk', '/spec/rules/0/approvals/from/teams/0'],
      ['Team/ops', '/spec/rules/0/approvals/from/teams/1'],
      ['Team/on-call', '/spec/rules/0/breakGlass/by/teams/0'],
      ['Environment/staging', '/spec/rules/0/soak/in'],
    ]);
  });

  it('is refused for expressions that cannot hold, each at its place', () => {
    const approvals = {};
    expect(told({ name: 'a', when: 'chnge.kind == "x"', approvals })).toEqual([
      ['UnknownName', '/spec/rules/0/when'],
    ]);
    const condition = { expression: 'change.kind', message: 'No.' };
    expect(told({ name: 'a', approvals }, { name: 'b', condition })).toEqual([
      ['NotACondition', '/spec/rules/1/condition/expression'],
    ]);
  });

  it('is refused for windows on no clock, and for people whom nobody knows', () => {
    expect(told({ name: 'a', freeze: [{ from: '25:00', to: '06:00' }] })).toEqual([
      ['InvalidFreeze', '/spec/rules/0/freeze/0/from'],
    ]);
    const [finding] = findingsOf({ name: 'a', approvals: { from: { people: ['Garce'] } } });
    expect(finding).toMatchObject({ code: 'UnknownPerson', hint: 'Did you mean Grace?' });
  });

  it('is warned of rules that ask for nothing, or for more than there are people', () => {
    expect(findingsOf({ name: 'a' })[0]).toMatchObject({ code: 'EmptyRule', severity: 'warning' });
    expect(findingsOf({ name: 'a', approvals: { count: 3, from: { teams: ['risk'] } } })[0]).toMatchObject({
      code: 'NobodyToApprove',
      severity: 'warning',
      message: '3 approvals are needed, and only 2 people could give one',
    });
  });

  it('is refused for two rules of one name', () => {
    expect(told({ name: 'a', approvals: {} }, { name: 'a', approvals: {} })).toEqual([
      ['RuleTwice', '/spec/rules/1/name'],
    ]);
  });

  it('says by how many rules it judges', async () => {
    const request = requestFor(policyKind, policy({ name: 'a', approvals: {} }), []);
    expect(await policyController().reconcile(request)).toMatchObject({
      reason: 'Judging',
      facts: { rules: 1 },
    });
  });
});
