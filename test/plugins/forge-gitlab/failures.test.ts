import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Draft } from '../../../core/capabilities/forge.ts';
import type { GitLabServer } from '../../fixtures/forges/gitlab-server.ts';
import { bot, type HostedSubject, hostedSubject, reviewer } from '../../fixtures/forges/hosted-subject.ts';
import { hostedSuite } from '../../fixtures/forges/hosted-suite.ts';
import { gitLabKind } from './subject.ts';

hostedSuite('GitLab', {
  open: () => hostedSubject(gitLabKind),
  paths: { pulls: /\/merge_requests$/, notes: /\/notes$/, merge: /\/merge$/ },
  tooOften: [
    { title: 'a time', status: 429, headers: { 'retry-after': '5' }, waitMs: [5_000, 5_000] },
    {
      title: 'a reset',
      status: 429,
      headers: { 'ratelimit-reset': String(Math.floor(Date.now() / 1000) + 120) },
      waitMs: [1_000, 122_000],
    },
  ],
});

describe('GitLab', { timeout: 120_000 }, () => {
  let subject: HostedSubject<GitLabServer>;
  beforeEach(async () => {
    subject = await hostedSubject(gitLabKind);
  });
  afterEach(async () => {
    await subject.close();
    expect([...new Set(subject.server.violations)]).toEqual([]);
  });

  async function draft(more: Partial<Draft> = {}): Promise<Draft> {
    return {
      key: 'a',
      on: await subject.tip(),
      changes: new Map([['models/a.yaml', 'a']]),
      message: 'feat: add a',
      title: 'Add a',
      body: 'It is there.',
      author: subject.author,
      ...more,
    };
  }

  it('gives no orders by what it writes', async () => {
    const body = 'The evidence:\n/approve\n  /close\n/spec/version: 1';
    const { number } = await subject.forge.open(await draft({ body }));
    await subject.forge.comment(number, 'plan', body);
    await subject.forge.update(number, await draft({ body: `${body}\n/close` }), subject.pull(number).head);
    expect(subject.pull(number)).toMatchObject({ state: 'open', reviews: [] });
    expect(await subject.forge.get(number)).toMatchObject({ body: `${body}\n/close` });
    expect((await subject.forge.comments(number))[0]?.body).toBe(body);
  });

  it('counts an approval that was taken back no longer', async () => {
    const { number, head } = await subject.forge.open(await draft());
    await subject.reviewAs(number, 'approve', head, 'fine');
    expect((await subject.forge.reviews(number)).map(({ verdict }) => verdict)).toEqual(['approve']);
    subject.pull(number).reviews[0]!.isDismissed = true;
    subject.hosted.note(subject.pull(number), 'unapproved this merge request', reviewer, true);
    expect((await subject.forge.reviews(number)).map(({ verdict }) => verdict)).toEqual(['comment']);
  });

  it('takes an approval just after a push for one of what stood there before', async () => {
    const { number, head } = await subject.forge.open(await draft());
    const pull = subject.pull(number);
    await subject.pushTo(number, { 'models/more.yaml': 'x' });
    await subject.reviewAs(number, 'approve', pull.head, '');
    expect((await subject.forge.reviews(number)).map((review) => review.head)).toEqual([head]);
    // The push was longer ago than a page may be old.
    for (const [index, version] of pull.heads.entries()) {
      version.at = new Date(Date.now() - 60_000 + index * 1_000).toISOString();
    }
    expect((await subject.forge.reviews(number)).map((review) => review.head)).toEqual([pull.head]);
  });

  it('takes no comment for a review, whoever writes the words of GitLab', async () => {
    const { number } = await subject.forge.open(await draft());
    subject.hosted.note(subject.pull(number), 'approved this merge request', bot);
    subject.hosted.note(subject.pull(number), 'approved this merge request', reviewer);
    expect(await subject.forge.reviews(number)).toEqual([]);
  });

  it('counts an approval of an unknown time for no head', async () => {
    const { number, head } = await subject.forge.open(await draft());
    await subject.reviewAs(number, 'approve', head, '');
    subject.pull(number).notes = [];
    subject.pull(number).heads.splice(0);
    expect((await subject.forge.reviews(number)).map((review) => review.head)).toEqual(['']);
  });

  it('reports pending again without a complaint', async () => {
    const { number, head } = await subject.forge.open(await draft());
    const check = {
      name: 'card',
      outcome: 'pending',
      summary: 'reading',
      at: '2026-01-02T03:04:05Z',
      durationMs: 0,
    };
    await subject.forge.report(number, head, [check as never]);
    await subject.forge.report(number, head, [{ ...check, summary: 'still reading' } as never]);
    await subject.forge.report(number, head, [
      { ...check, outcome: 'neutral', summary: 'nothing to say' } as never,
    ]);
    expect(await subject.forge.checks(number, head)).toMatchObject([
      { name: 'card', outcome: 'neutral', summary: 'nothing to say' },
    ]);
  });
});
