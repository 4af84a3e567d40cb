import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Proposal } from '../../../core/capabilities/forge.ts';
import type { ProposalCheck } from '../../../core/capabilities/proposal-check.ts';
import type { Proposals } from '../../../plugins/proposals/proposals.ts';
import { proposalRoutes } from '../../../plugins/proposals/routes.ts';
import { temporaryFolder } from '../../fixtures/git-repository.ts';
import { grace, oneApproval, openWorld, promotion, type World } from './proposal-world.ts';

let folder: ReturnType<typeof temporaryFolder>;
let world: World;
let engine: Proposals;

beforeEach(async () => {
  folder = temporaryFolder();
  world = await openWorld(folder.path);
  engine = await world.engine({ extraGates: { approvals: oneApproval } });
}, 60_000);

afterEach(async () => {
  await world.close();
  folder.remove();
});

async function ask(method: string, path: string, body?: unknown) {
  const request = new Request(`http://localhost/plugins/proposals/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = await proposalRoutes(engine)(request, path.replace(/\?.*$/, ''));
  return answer && { status: answer.status, body: await answer.json() };
}

describe('the routes', { timeout: 120_000 }, () => {
  it('propose, list, show, recheck, merge', async () => {
    const proposed = await ask('POST', 'proposals', { intent: promotion('1.1.0') });
    expect(proposed).toMatchObject({
      status: 201,
      body: { state: 'open', isNew: true, proposal: { number: 1 } },
    });
    expect((await ask('POST', 'proposals', { intent: promotion('1.1.0') }))?.status).toBe(200);
    expect(await ask('GET', 'proposals?state=open')).toMatchObject({
      status: 200,
      body: { items: [{ proposal: { number: 1 }, verdict: null }] },
    });
    const shown = await ask('GET', 'proposals/1');
    expect(shown?.body).toMatchObject({
      proposal: { number: 1, title: 'Promote bird-strike 1.1.0 to production' },
      reviews: [],
      judgement: {
        plan: { changes: [{ ref: 'Deployment/production/bird-strike' }] },
        checks: [{ name: 'manifests', outcome: 'pass' }],
        verdict: { state: 'refused' },
        models: [{ from: '1.0.0', to: '1.1.0' }],
      },
    });
    await expect(ask('POST', 'proposals/1/merge', { by: grace })).rejects.toMatchObject({
      code: 'MergeRefused',
    });
    const { head } = (await world.forge.get(1)) as Proposal;
    await world.forge.review(1, { verdict: 'approve', head, body: '', by: grace });
    expect((await ask('POST', 'proposals/1/recheck', {}))?.body).toMatchObject({
      verdict: { state: 'allowed' },
    });
    const merged = await ask('POST', 'proposals/1/merge', { by: grace, expectedHead: head });
    expect(merged?.body).toEqual({ commit: world.git.git('rev-parse', 'main') });
  });

  it('answer at once while a check runs, and wait where they are asked to', async () => {
    let end = (): void => {};
    const hold = new Promise<void>((resolve) => {
      end = resolve;
    });
    const slow: ProposalCheck = {
      title: 'Slow',
      version: 1,
      slow: true,
      concerns: () => 'all',
      run: () => hold.then(() => ({ outcome: 'pass', summary: 'fine' })),
    };
    engine = await world.engine({ extraChecks: { slow } });
    await engine.propose(promotion('1.1.0'));
    const pending = { verdict: { state: 'pending' }, checks: [{ outcome: 'pass' }, { outcome: 'pending' }] };
    expect(await ask('GET', 'proposals/1')).toMatchObject({ status: 200, body: { judgement: pending } });
    expect(await ask('POST', 'proposals/1/recheck', { checks: ['slow'] })).toMatchObject({
      status: 202,
      body: pending,
    });
    const waiting = ask('GET', 'proposals/1?wait=true');
    end();
    expect((await waiting)?.body).toMatchObject({ judgement: { verdict: { state: 'allowed' } } });
    expect(await ask('POST', 'proposals/1/recheck', { wait: true })).toMatchObject({
      status: 200,
      body: { verdict: { state: 'allowed' } },
    });
  });

  it('show what waits, and close', async () => {
    await engine.propose(promotion('1.1.0'));
    world.forge.isAway = true;
    const queued = await ask('POST', 'proposals', {
      intent: promotion('1.1.0', '1.0.0', { key: 'try:b' }),
      waitMs: 0,
    });
    expect(queued).toMatchObject({ status: 202, body: { state: 'queued' } });
    expect((await ask('GET', 'queue'))?.body).toMatchObject({
      items: [{ state: 'waiting', intent: { key: 'try:b' } }],
    });
    world.forge.isAway = false;
    const closed = await ask('POST', 'proposals/1/close', { by: grace, reason: 'not now' });
    expect(closed?.body).toMatchObject({ number: 1, state: 'closed' });
    expect(engine.metrics()).toContain('switchyard_proposals_queued 1');
  });

  it('refuse what they do not understand, with a code, and change nothing', async () => {
    const refused = (work: Promise<unknown>) =>
      expect(work).rejects.toMatchObject({ code: 'RequestInvalid' });
    await refused(ask('GET', 'proposals?stat=open'));
    await refused(ask('GET', 'proposals?state=new'));
    await refused(ask('GET', 'proposals?limit=0'));
    await refused(ask('GET', 'proposals/1?wait=1'));
    await refused(ask('POST', 'proposals/1/recheck', { wait: 'yes' }));
    await refused(ask('POST', 'proposals', { intend: 1 }));
    await refused(ask('POST', 'proposals', {}));
    await refused(ask('POST', 'proposals/1/merge', { by: { name: 'Eve\nApproved-by: x', email: 'e@x' } }));
    await refused(ask('POST', 'proposals/1/close', { by: grace }));
    await expect(ask('POST', 'proposals', { intent: { key: 'x' } })).rejects.toMatchObject({
      code: 'IntentInvalid',
    });
    const deep: unknown = JSON.parse(`${'['.repeat(500)}${']'.repeat(500)}`);
    const edit = (edits: unknown) => [{ path: 'a.yaml', edits }];
    for (const more of [
      { files: [null] },
      { files: [{ path: 'a' }] },
      { files: [{ path: 'a', content: 5 }] },
      { files: [{ path: 'a', content: 'no base64!' }] },
      { files: [{ path: 'a', content: '', remove: true }] },
      { files: [{ path: 'a', remove: false }] },
      { files: [{ path: '.g\u200cit/config', content: '' }] },
      { files: [{ path: '.git::$INDEX_ALLOCATION/config', content: '' }] },
      { files: [{ path: '\ud800', content: '' }] },
      { files: edit(5) },
      { files: edit([null]) },
      { files: edit([{ op: 'zap', pointer: '/a' }]) },
      { files: edit([{ op: 'set', pointer: 5, value: 1 }]) },
      { files: edit([{ op: 'set', pointer: '/a' }]) },
      { files: edit([{ op: 'set', pointer: '/a', value: deep }]) },
      { labels: 5 },
      { trailers: 'x' },
    ]) {
      await expect(
        ask('POST', 'proposals', { intent: { ...promotion('1.1.0'), ...more } }),
      ).rejects.toMatchObject({ code: 'IntentInvalid' });
    }
    expect(await engine.queue()).toEqual([]);
    await expect(ask('DELETE', 'proposals/1')).rejects.toMatchObject({ code: 'MethodNotAllowed' });
    await expect(ask('GET', 'proposals/99')).rejects.toMatchObject({ code: 'ProposalNotFound' });
    expect(await ask('GET', 'proposals/one')).toBeUndefined();
    expect(await ask('GET', 'nothing')).toBeUndefined();
    expect(await world.forge.list({ limit: 10 })).toEqual([]);
  });
});
