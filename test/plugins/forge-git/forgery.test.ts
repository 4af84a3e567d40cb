import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Draft, Proof, Proposal } from '../../../core/capabilities/forge.ts';
import { verifyCommit } from '../../../libraries/git-signatures/ssh/index.ts';
import type { GitForge } from '../../../plugins/forge-git/git-forge.ts';
import { cleanEnvironment, useRepository } from '../../fixtures/git-repository.ts';
import { ada, type ForgeWorld, forgeWorld, grace } from './forge-world.ts';
import { makeKey, type SigningKey } from './signing.ts';

const mallory = { name: 'Mallory', email: 'mallory@example.org' };

describe('what a forged event is worth in the embedded forge', () => {
  let world: ForgeWorld;
  let forge: GitForge;
  let keys: Record<'ada' | 'grace' | 'mallory', SigningKey>;
  let allowedSigners: string;
  let opened: Proposal;

  beforeEach(async () => {
    world = await forgeWorld('native');
    forge = world.forge;
    const folder = join(world.folder, 'keys');
    keys = {
      ada: makeKey(folder, ada.email),
      grace: makeKey(folder, grace.email),
      mallory: makeKey(folder, mallory.email),
    };
    allowedSigners = keys.ada.allowed + keys.grace.allowed + keys.mallory.allowed;
    writeFileSync(join(world.folder, 'allowed_signers'), allowedSigners);
    opened = await forge.open(await draft());
  });
  afterEach(() => world.close());

  async function draft(more: Partial<Draft> = {}): Promise<Draft> {
    return {
      key: 'promote:Deployment/production/bird-strike',
      on: await world.tip(),
      changes: new Map([['environments/production/bird-strike.yaml', 'version: 1.3.0\n']]),
      message: 'feat: promote',
      title: 'Promote bird-strike',
      body: 'Better.',
      author: ada,
      sign: keys.ada.sign,
      ...more,
    };
  }

  const approve = (number: number, head: string) =>
    forge.review(number, { verdict: 'approve', head, body: 'good', by: grace, sign: keys.grace.sign });
  const objectOf = (proof: Proof) => (proof.type === 'signature' ? proof.object : new Uint8Array());
  const verdictOf = (proof: Proof, principal: string) =>
    verifyCommit({ object: Buffer.from(objectOf(proof)), allowedSigners, principal }).verdict;
  const meta = (number: number) => world.real.git('rev-parse', `refs/proposals/${number}/meta`);

  function gitVerifies(commit: string): boolean {
    try {
      const settings = ['-c', `gpg.ssh.allowedSignersFile=${join(world.folder, 'allowed_signers')}`];
      const options = { cwd: world.real.path, env: cleanEnvironment, stdio: 'pipe' } as const;
      execFileSync('git', [...settings, 'verify-commit', commit], options);
      return true;
    } catch {
      return false;
    }
  }

  /** Writes a commit object as it is given and lets a reference name it, as whoever may push can. */
  function forge_(object: string | Uint8Array, reference: string): string {
    const options = { cwd: world.real.path, env: cleanEnvironment, input: object };
    const hash = ['hash-object', '-w', '-t', 'commit', '--stdin', '--literally'];
    const id = execFileSync('git', hash, options).toString().trim();
    world.real.git('update-ref', reference, id);
    return id;
  }

  it('signs what people do, so that git verify-commit agrees', async () => {
    await approve(opened.number, opened.head);
    const approval = meta(opened.number);
    await forge.label(opened.number, 'break-glass', 'add', grace, keys.grace.sign);
    const label = meta(opened.number);
    const { commit } = await forge.merge(opened.number, {
      expectedHead: opened.head,
      expectedBase: await world.tip(),
      message: 'Merge it',
      by: grace,
      sign: keys.grace.sign,
    });
    const root = world.real.git('rev-list', '--max-parents=0', meta(opened.number));
    for (const signed of [opened.head, root, approval, label, commit, meta(opened.number)])
      expect(gitVerifies(signed), signed).toBe(true);

    const [review] = await forge.reviews(opened.number);
    expect(Buffer.from(objectOf(review!.proof))).toEqual(
      execFileSync('git', ['cat-file', 'commit', approval], { cwd: world.real.path }),
    );
    expect(verdictOf(review!.proof, grace.email)).toBe('good');
    const found = await forge.get(opened.number);
    expect(verdictOf(found!.labels[0]!.proof, grace.email)).toBe('good');
    expect(found!.labels[0]!.head).toBe(opened.head);
    expect(verdictOf(found!.pushes[0]!.proof, ada.email)).toBe('good');
  });

  it('has no proof for an approval that somebody wrote in the name of another', async () => {
    await forge.review(opened.number, { verdict: 'approve', head: opened.head, body: '', by: grace });
    const [review] = await forge.reviews(opened.number);
    expect(review).toMatchObject({ by: grace, proof: { type: 'none' } });
    const signedByMallory = { verdict: 'approve', head: opened.head, body: '', by: grace } as const;
    await forge.review(opened.number, { ...signedByMallory, sign: keys.mallory.sign });
    const second = (await forge.reviews(opened.number))[1];
    expect(second?.proof.type).toBe('signature');
    expect(verdictOf(second!.proof, grace.email)).not.toBe('good');
  });

  it('has a bad signature where a signed objection was rewritten to an approval', async () => {
    const objection = { verdict: 'request-changes', head: opened.head, body: 'no', by: grace } as const;
    await forge.review(opened.number, { ...objection, sign: keys.grace.sign });
    const object = world.real.git('cat-file', 'commit', meta(opened.number));
    const forged = object.replace('Switchyard-Verdict: request-changes', 'Switchyard-Verdict: approve');
    forge_(`${forged}\n`, `refs/proposals/${opened.number}/meta`);
    const [review] = await forge.reviews(opened.number);
    expect(review?.verdict).toBe('approve');
    expect(verdictOf(review!.proof, grace.email)).toBe('bad');
  });

  it('does not count an approval that was copied from another proposal', async () => {
    const other = await forge.open(await draft({ key: 'other' }));
    await approve(other.number, other.head);
    const copied = world.real.git('cat-file', 'commit', meta(other.number));
    const rebased = copied.replace(/^parent .*$/m, `parent ${meta(opened.number)}`);
    forge_(`${rebased}\n`, `refs/proposals/${opened.number}/meta`);
    expect(await forge.reviews(opened.number)).toEqual([]);
    expect(await forge.get(opened.number)).toMatchObject({ state: 'open', head: opened.head });
  });

  it('shows as broken a chain into which the events of another were mixed', async () => {
    const other = await forge.open(await draft({ key: 'other' }));
    await approve(other.number, other.head);
    const mixed = world.real.git(
      'commit-tree',
      ...['-p', meta(opened.number), '-p', meta(other.number), '-m', 'Merge', `${meta(other.number)}^{tree}`],
    );
    world.real.git('update-ref', `refs/proposals/${opened.number}/meta`, mixed);
    await expect(forge.reviews(opened.number)).rejects.toMatchObject({ code: 'ProposalBroken' });
    expect(await forge.broken()).toEqual([
      { number: opened.number, reason: expect.stringContaining('2 beginnings') as string },
    ]);
    expect(await forge.reviews(other.number)).toHaveLength(1);
    expect((await forge.list({ limit: 10 })).map(({ number }) => number)).toEqual([other.number]);
  });

  it('shows a whole proposal that was copied to another number as a copy', async () => {
    await approve(opened.number, opened.head);
    world.real.git('update-ref', 'refs/proposals/9/meta', meta(opened.number));
    world.real.git('update-ref', 'refs/proposals/9/head', opened.head);
    expect((await forge.list({ limit: 10 })).map(({ number }) => number)).toEqual([opened.number]);
    expect(await forge.broken()).toEqual([
      { number: 9, reason: `it is a copy of proposal ${opened.number}` },
    ]);
  });

  it('keeps an approval at its head after a push, and another cannot put it behind the push', async () => {
    await approve(opened.number, opened.head);
    const approval = meta(opened.number);
    const pushed = await world.pushTo(opened.number, { 'models/evil.yaml': 'x' });
    // The old approval again, on top: its parents are part of what was signed.
    const object = world.real.git('cat-file', 'commit', approval);
    forge_(
      `${object.replace(/^parent .*$/m, `parent ${approval}`)}\n`,
      `refs/proposals/${opened.number}/meta`,
    );
    const reviews = await forge.reviews(opened.number);
    expect((await forge.get(opened.number))?.head).toBe(pushed);
    expect(reviews.map(({ head }) => head)).toEqual([opened.head, opened.head]);
    expect(verdictOf(reviews[0]!.proof, grace.email)).toBe('good');
    expect(verdictOf(reviews[1]!.proof, grace.email)).toBe('bad');
  });

  it('has no proof for approvals that were copied, with their proposal, from a registry that went its own way', async () => {
    const path = join(world.folder, 'production');
    world.real.git('clone', '-q', '--mirror', world.real.path, path);
    const production = useRepository(path);
    for (const name of ['head', 'meta']) production.git('update-ref', '-d', `refs/proposals/1/${name}`);
    // The other registry goes on, and people approve there what they would not approve in production.
    await world.moveBase({ 'models/experiment.yaml': 'x' });
    const experiment = await forge.open(await draft({ key: 'experiment' }));
    await approve(experiment.number, experiment.head);
    production.git(
      'fetch',
      '-q',
      world.real.path,
      `refs/proposals/${experiment.number}/*:refs/proposals/5/*`,
    );
    const there = await world.open(path);
    const reviews = await there.reviews(5);
    expect(reviews).toMatchObject([{ by: grace, verdict: 'approve', proof: { type: 'none' } }]);
    expect((await there.get(5))?.pushes.every(({ proof }) => proof.type === 'none')).toBe(true);
    expect((await forge.reviews(experiment.number))[0]?.proof.type).toBe('signature');
  });

  it('does not believe that something was merged because an event says so', async () => {
    const root = world.real.git('rev-list', '--max-parents=0', meta(opened.number));
    const tree = world.real.git('rev-parse', `${root}^{tree}`);
    const message = [
      'Merge',
      [
        'Switchyard-Event: merged',
        `Switchyard-Proposal-Id: ${root}`,
        `Switchyard-Head: ${opened.head}`,
        `Switchyard-Merge-Commit: ${opened.head}`,
      ].join('\n'),
    ].join('\n\n');
    const forged = world.real.git('commit-tree', '-p', meta(opened.number), '-m', message, tree);
    world.real.git('update-ref', `refs/proposals/${opened.number}/meta`, forged);
    expect((await forge.get(opened.number))?.state).toBe('open');
    expect(await forge.list({ state: 'merged', limit: 10 })).toEqual([]);
  });

  it('sees what was merged by hand, and tells it at the next merge', async () => {
    world.real.git('merge', '-q', '--no-ff', '-m', 'by hand', `refs/proposals/${opened.number}/head`);
    const commit = await world.tip();
    expect(await forge.get(opened.number)).toMatchObject({ state: 'merged', mergedAs: commit });
    const order = { expectedHead: opened.head, expectedBase: commit, message: 'Merge', by: ada };
    expect(await forge.merge(opened.number, order)).toEqual({ commit });
    expect(world.real.git('log', '-1', '--format=%s', `refs/proposals/${opened.number}/meta`)).toMatch(
      /^Merge as/,
    );
    expect(await world.tip()).toBe(commit);
  });

  it('names the authors of all commits on the branch, whether events tell of them or not', async () => {
    await world.pushTo(opened.number, { 'models/one.yaml': 'x' });
    const work = join(world.folder, 'mallory');
    world.real.git('worktree', 'add', '-q', '--detach', work, `refs/proposals/${opened.number}/head`);
    const there = useRepository(work);
    there.git(
      '-c',
      'user.name=M',
      'commit',
      '-q',
      '--allow-empty',
      '-m',
      'x',
      '--author',
      'Mallory <mallory@example.org>',
    );
    there.git('commit', '-q', '--allow-empty', '-m', 'hides it');
    world.real.git('update-ref', `refs/proposals/${opened.number}/head`, there.git('rev-parse', 'HEAD'));
    const pushes = (await forge.get(opened.number))?.pushes ?? [];
    expect(pushes.map(({ by }) => by.email)).toContain(mallory.email);
    expect(pushes.at(-1)?.head).toBe(there.git('rev-parse', 'HEAD'));
  });

  it('lets nobody push the signed label of another aside', async () => {
    await forge.label(opened.number, 'break-glass', 'add', grace, keys.grace.sign);
    await forge.label(opened.number, 'break-glass', 'add', mallory, keys.mallory.sign);
    const root = world.real.git('rev-list', '--max-parents=0', meta(opened.number));
    const object = world.real.git('cat-file', 'commit', `${meta(opened.number)}~1`);
    const unsigned = object.replace(/^gpgsig [\s\S]*?-----END SSH SIGNATURE-----\n/m, '');
    expect(unsigned).toContain(root);
    forge_(
      `${unsigned.replace(/^parent .*$/m, `parent ${meta(opened.number)}`)}\n`,
      `refs/proposals/${opened.number}/meta`,
    );
    const labels = (await forge.get(opened.number))?.labels ?? [];
    expect(labels.map(({ by }) => by?.name)).toEqual(['Grace', 'Mallory']);
    expect(verdictOf(labels[0]!.proof, grace.email)).toBe('good');
  });
});
