import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Draft } from '../../../core/capabilities/forge.ts';
import type { GitHubServer } from '../../fixtures/forges/github-server.ts';
import { type HostedSubject, hostedSubject } from '../../fixtures/forges/hosted-subject.ts';
import { hostedSuite } from '../../fixtures/forges/hosted-suite.ts';
import { gitHubKind } from './subject.ts';

const soon = Math.floor(Date.now() / 1000) + 120;

hostedSuite('GitHub', {
  open: () => hostedSubject(gitHubKind('token')),
  paths: { pulls: /\/pulls$/, notes: /\/comments$/, merge: /\/merge$/ },
  tooOften: [
    {
      title: 'the primary limit',
      status: 403,
      headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(soon) },
      waitMs: [1_000, 122_000],
    },
    {
      title: 'a secondary limit with a time',
      status: 403,
      headers: { 'retry-after': '30' },
      body: { message: 'You have exceeded a secondary rate limit.' },
      waitMs: [30_000, 30_000],
    },
    {
      title: 'a secondary limit without a word',
      status: 403,
      headers: {},
      body: { message: 'You have exceeded a secondary rate limit. Please wait a few minutes.' },
      waitMs: [60_000, 60_000],
    },
    { title: '429', status: 429, headers: { 'retry-after': '5' }, waitMs: [5_000, 5_000] },
  ],
});

describe('GitHub as an App', { timeout: 120_000 }, () => {
  let subject: HostedSubject<GitHubServer>;
  afterEach(async () => {
    await subject.close();
    expect([...new Set(subject.server.violations)]).toEqual([]);
  });

  it('renews its installation token before it ends', async () => {
    // Tokens are renewed a minute early: these are old at once.
    subject = await hostedSubject(gitHubKind('app', 59_000));
    await subject.forge.list({ limit: 1 });
    await subject.forge.list({ limit: 1 });
    expect(subject.server.installationTokens.length).toBeGreaterThanOrEqual(1);
    await subject.forge.open(draftFor(subject, await subject.tip()));
  });

  it('uses one installation token while it holds', async () => {
    subject = await hostedSubject(gitHubKind('app'));
    for (let count = 0; count < 3; count++) await subject.forge.list({ limit: 1 });
    expect(subject.server.installationTokens).toHaveLength(1);
  });

  it('shows checks as check runs, with their details', async () => {
    subject = await hostedSubject(gitHubKind('app'));
    const { number, head } = await subject.forge.open(draftFor(subject, await subject.tip()));
    const check = {
      name: 'model-card',
      outcome: 'error',
      summary: 'could not read it',
      details: '| a | b |',
      at: '2026-01-02T03:04:05.000Z',
      durationMs: 250,
    } as const;
    await subject.forge.report(number, head, [check]);
    expect(await subject.forge.checks(number, head)).toEqual([check]);
    const before = subject.server.asked.filter(({ method }) => method !== 'GET').length;
    await subject.forge.report(number, head, [{ ...check, at: '2026-01-02T04:00:00.000Z' }]);
    expect(subject.server.asked.filter(({ method }) => method !== 'GET')).toHaveLength(before);
  });
});

describe('GitHub', { timeout: 120_000 }, () => {
  let subject: HostedSubject<GitHubServer>;
  beforeEach(async () => {
    subject = await hostedSubject(gitHubKind('token'));
  });
  afterEach(() => subject.close());

  it('carries the signature of who proposes, over the bytes that GitHub makes', async () => {
    let signed = '';
    const sign = async (payload: Uint8Array) => {
      signed = Buffer.from(payload).toString();
      return '-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----\n';
    };
    const { head } = await subject.forge.open({ ...draftFor(subject, await subject.tip()), sign });
    const repository = await subject.repository();
    await subject.registry.fetch(['refs/pull/1/head']);
    const raw = Buffer.from(await repository.rawCommit(head)).toString();
    expect(raw).toContain('gpgsig -----BEGIN SSH SIGNATURE-----\n U1NIU0lH\n -----END SSH SIGNATURE-----\n');
    expect(raw.replace(/gpgsig .*\n( .*\n)*/, '')).toBe(signed);
  });

  it('counts a dismissed approval no longer', async () => {
    const { number, head } = await subject.forge.open(draftFor(subject, await subject.tip()));
    await subject.reviewAs(number, 'approve', head, 'fine');
    subject.pull(number).reviews[0]!.isDismissed = true;
    expect((await subject.forge.reviews(number)).map(({ verdict }) => verdict)).toEqual(['comment']);
  });

  it('says which permission is missing when it may not', async () => {
    subject.server.faults = [
      {
        method: 'GET',
        how: { type: 'status', status: 403, body: { message: 'Resource not accessible by integration' } },
      },
    ];
    await expect(subject.forge.get(1)).rejects.toMatchObject({
      code: 'ForgeRefused',
      hint: expect.stringContaining('docs/forges/github.md'),
    });
  });
});

function draftFor(subject: HostedSubject<GitHubServer>, on: string): Draft {
  return {
    key: 'a',
    on,
    changes: new Map([['models/a.yaml', 'a']]),
    message: 'feat: add a\n\nSwitchyard-Model: a\n',
    title: 'Add a',
    body: 'It is there.',
    author: subject.author,
  };
}
