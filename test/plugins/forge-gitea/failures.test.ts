import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Draft } from '../../../core/capabilities/forge.ts';
import type { GiteaServer } from '../../fixtures/forges/gitea-server.ts';
import { bot, type HostedSubject, hostedSubject } from '../../fixtures/forges/hosted-subject.ts';
import { hostedSuite } from '../../fixtures/forges/hosted-suite.ts';
import { giteaKind } from './subject.ts';

hostedSuite('Gitea', {
  open: () => hostedSubject(giteaKind),
  paths: { pulls: /\/pulls$/, notes: /\/comments$/, merge: /\/merge$/ },
  tooOften: [{ title: 'a time', status: 429, headers: { 'retry-after': '5' }, waitMs: [5_000, 5_000] }],
});

describe('Gitea', { timeout: 120_000 }, () => {
  let subject: HostedSubject<GiteaServer>;
  beforeEach(async () => {
    subject = await hostedSubject(giteaKind);
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
  const branches = async () => {
    const names: string[] = [];
    for (const { branch } of subject.hosted.pushes) {
      if ((await subject.hosted.git.branch(branch)) !== undefined && !names.includes(branch))
        names.push(branch);
    }
    return names;
  };

  it('makes a commit on a branch of its own, and leaves none behind', async () => {
    const opened = await subject.forge.open(await draft());
    const branch = subject.pull(opened.number).branch;
    expect(await branches()).toEqual([branch]);
    await subject.forge.update(
      opened.number,
      await draft({ title: 'Another', changes: new Map([['b', 'b']]) }),
      opened.head,
    );
    expect(await branches()).toEqual([branch]);
    const { head } = subject.pull(opened.number);
    await subject.forge.merge(opened.number, {
      expectedHead: head,
      expectedBase: await subject.tip(),
      message: 'Merge it',
      by: subject.author,
    });
    expect(await branches()).toEqual(['main']);
  });

  it('moves the branch of a proposal only from where it was seen', async () => {
    const opened = await subject.forge.open(await draft());
    let pushed = '';
    const slow = subject.withFetch(async (input, init) => {
      if (init?.method === 'PUT') pushed = await subject.pushTo(opened.number, { 'models/more.yaml': 'x' });
      return fetch(input, init);
    });
    const newer = await draft({ changes: new Map([['models/a.yaml', 'b']]) });
    await expect(slow.update(opened.number, newer, opened.head)).rejects.toMatchObject({
      code: 'ProposalMoved',
    });
    expect((await subject.forge.get(opened.number))?.head).toBe(pushed);
  });

  it('says what it takes where a branch cannot be moved', async () => {
    const opened = await subject.forge.open(await draft());
    subject.server.isOld = true;
    const newer = await draft({ changes: new Map([['models/a.yaml', 'b']]) });
    await expect(subject.forge.update(opened.number, newer, opened.head)).rejects.toMatchObject({
      code: 'ForgeRefused',
      hint: expect.stringContaining('1.26'),
    });
    expect((await subject.forge.get(opened.number))?.head).toBe(opened.head);
  });

  it('counts a dismissed approval no longer, nor a stale one for the head', async () => {
    const { number, head } = await subject.forge.open(await draft());
    await subject.reviewAs(number, 'approve', head, 'fine');
    subject.pull(number).reviews[0]!.isDismissed = true;
    expect((await subject.forge.reviews(number)).map(({ verdict }) => verdict)).toEqual(['comment']);
  });

  it('makes a label of the repository where there is none of that name, once', async () => {
    const { number } = await subject.forge.open(await draft());
    await subject.forge.label(number, 'new', 'add', subject.author);
    await subject.forge.label(number, 'new', 'remove', subject.author);
    await subject.forge.label(number, 'new', 'add', subject.author);
    const made = subject.server.asked.filter(
      ({ method, path }) => method === 'POST' && path.endsWith('/registry/labels'),
    );
    expect(made).toHaveLength(1);
    expect((await subject.forge.get(number))?.labels).toMatchObject([
      { name: 'new', by: { account: bot.login } },
    ]);
  });
});
