import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { ask } from '../../demo/answers.ts';
import { heldOutStrikes, type Strike } from '../../demo/strikes.ts';
import type { ForgeName } from './forge-places.ts';
import { type Judged, ReviewedYard } from './reviewed-yard.ts';

// Whole platforms, on machines that may be busy.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const soakMs = 20_000;

/**
 * One story on each forge: a version is registered, promoted to staging, soaks, goes on to production, and is rolled back;
 * with a real Git server, a real platform, and people with keys of their own.
 */
export function promotionJourney(name: ForgeName): void {
  describe(`with proposals on ${name}`, () => story(name));
}

function story(name: ForgeName): void {
  let world: ReviewedYard;
  let strikes: readonly Strike[];

  beforeAll(async () => {
    world = await ReviewedYard.open(name, { soak: `${soakMs / 1000}s` });
    const { registry } = world.yard;
    strikes = (await heldOutStrikes(join(registry, 'data', 'bird-strikes.csv'), 1995, 1998)).slice(0, 3);
    await world.platform.converged();
  });
  afterAll(() => world?.close(), 60_000);

  it('registers a version from its file, after checks that ran it', async () => {
    const out = await world.ada.does(...(await newVersion(world)), '--reason', 'Trained with another seed.');
    expect(out).toContain('Opened #1: Register bird-strike 1.2.0');
    await world.ada.share();

    const { judgement } = await world.judged(1);
    expect(unmet(judgement)).toEqual([]);
    expect(judgement.verdict.state).toBe('allowed');
    expect(outcomes(judgement)).toMatchObject({
      artifact: 'pass',
      'golden-examples': 'pass',
      lineage: 'pass',
      manifests: 'pass',
      'metric-regression': 'pass',
      'semantic-version': 'pass',
    });
    expect(judgement.plan?.changes.map(({ ref }) => ref)).toContain('ModelVersion/bird-strike/1.2.0');

    const { commit } = await world.merge(1);
    await world.platform.converged(commit);
    expect(await answering()).toEqual({ dev: '1.1.0', staging: '1.0.0', production: '1.0.0' });
  });

  it('lets nothing into staging that nobody else has approved', async () => {
    await world.ada.update();
    const out = await world.ada.does('promote', 'bird-strike', '1.2.0', '--to', 'staging');
    expect(out).toContain('Opened #2: Promote bird-strike 1.2.0 to staging');
    await world.ada.share();

    const { judgement, proposal } = await world.judged(2);
    expect(judgement.verdict.state).toBe('refused');
    expect(unmet(judgement)).toEqual(['ApprovalMissing']);
    const [change] = judgement.plan?.changes ?? [];
    expect(change).toMatchObject({
      ref: 'Deployment/staging/bird-strike',
      fields: [{ pointer: '/spec/version', before: '1.0.0', after: '1.2.0' }],
    });
    expect(change?.steps.map(({ action }) => action)).toEqual(expect.arrayContaining(['load', 'switch']));
    expect(judgement.models).toMatchObject([{ model: 'bird-strike', from: '1.0.0', to: '1.2.0' }]);

    const main = await world.yard.gitIn(world.bare, 'rev-parse', 'main');
    expect(await world.merge(2)).toMatchObject({
      status: 409,
      message: expect.stringMatching(/^MergeRefused: .*needs 1 approval by team flight; has none$/),
    });
    expect(await world.yard.gitIn(world.bare, 'rev-parse', 'main')).toBe(main);
    expect(await answering()).toMatchObject({ staging: '1.0.0' });
    await vi.waitFor(
      async () => {
        const comments = await world.forge.comments(2);
        expect(comments).toHaveLength(1);
        expect(comments[0]).toContain('It may not merge yet');
        expect(comments[0]).toContain('needs 1 approval');
        expect(await world.forge.gate(2, proposal.head)).toBe('fail');
      },
      { timeout: 30_000, interval: 250 },
    );
  });

  it('refuses production as long as the version has not served in staging', async () => {
    const out = await world.ada.does('promote', 'bird-strike', '1.2.0', '--to', 'production');
    expect(out).toContain('Opened #3: Promote bird-strike 1.2.0 to production');
    await world.ada.share();
    const { proposal } = await world.judged(3);
    await world.approve(3, proposal.head);
    const { judgement } = await world.judged(3, isApproved);
    expect(unmet(judgement)).toEqual(['PromotionPathSkipped', 'SoakTooShort']);
    expect((await world.merge(3)).message).toMatch(/^MergeRefused: .*1\.2\.0 has not served in staging/);
  });

  it('promotes to staging what another person has approved', async () => {
    const { proposal } = await world.judged(2);
    await world.approve(2, proposal.head);
    const { judgement, reviews } = await world.judged(2, isApproved);
    expect(reviews.map(({ proof }) => proof.type)).toEqual([name === 'git' ? 'signature' : 'forge']);
    expect(judgement.verdict).toMatchObject({
      state: 'allowed',
      approvals: [{ by: { name: 'Grace Hopper', email: 'grace@example.org' } }],
    });
    await vi.waitFor(async () => expect(await world.forge.gate(2, proposal.head)).toBe('pass'), {
      timeout: 30_000,
      interval: 250,
    });

    const { commit, message } = await world.merge(2);
    expect(message).toBeUndefined();
    await world.platform.converged(commit);
    expect(await answering()).toEqual({ dev: '1.1.0', staging: '1.2.0', production: '1.0.0' });
  });

  it('lets a version soak in staging, and then into production', async () => {
    const early = await world.merge(3);
    expect(early).toMatchObject({
      status: 409,
      message: expect.stringMatching(
        /^MergeRefused: .*1\.2\.0 serves in staging since .* of 20s \(by the journal\)/,
      ),
    });
    expect(await answering()).toMatchObject({ staging: '1.2.0', production: '1.0.0' });

    const { judgement } = await world.judged(3, (shown) => unmet(shown.judgement).join() === 'SoakTooShort');
    const { metAt = '' } = judgement.verdict.requirements.find(({ code }) => code === 'SoakTooShort') ?? {};
    await wait(Math.max(0, Date.parse(metAt) - Date.now()));
    const { commit, message } = await world.merge(3);
    expect(message).toBeUndefined();
    await world.platform.converged(commit);
    expect(await answering()).toEqual({ dev: '1.1.0', staging: '1.2.0', production: '1.2.0' });
    const soaked = (await switched('production', '1.2.0')) - (await switched('staging', '1.2.0'));
    expect(soaked).toBeGreaterThanOrEqual(soakMs);
  });

  it('rolls production back to what served there before, at once, and not without a second look', async () => {
    await world.ada.update();
    const out = await world.ada.does(
      'rollback',
      'bird-strike',
      '--in',
      'production',
      '--reason',
      'Too many alarms.',
    );
    expect(out).toContain('Opened #4: ');
    await world.ada.share();

    const { judgement, proposal } = await world.judged(4);
    expect(unmet(judgement)).toEqual(['ApprovalMissing']);
    expect(judgement.verdict.requirements).toContainEqual(
      expect.objectContaining({ code: 'ServedBefore', met: true }),
    );
    expect((await world.merge(4)).status).toBe(409);
    await world.approve(4, proposal.head);
    await world.judged(4, isApproved);
    const { commit, message } = await world.merge(4);
    expect(message).toBeUndefined();
    await world.platform.converged(commit);
    expect(await answering()).toEqual({ dev: '1.1.0', staging: '1.2.0', production: '1.0.0' });
  });

  it('has all of it in Git, for whoever clones the registry', async () => {
    const { ada } = world;
    await ada.update();
    expect(await ada.git('show', 'main:environments/production/bird-strike.yaml')).toMatch(
      /^ {2}version: 1\.0\.0\b/m,
    );
    const merges = (
      await ada.git(
        'log',
        '--first-parent',
        '--merges',
        '--format=%(trailers:key=Switchyard-Proposal,valueonly,separator=)%x20%(trailers:key=Approved-by,valueonly,separator=)',
        'main',
      )
    ).split('\n');
    const by = ' Grace Hopper <grace@example.org>';
    expect(merges.map((line) => line.trimEnd())).toEqual([`4${by}`, `3${by}`, `2${by}`, '1']);
    const history = await ada.does('history', 'bird-strike', '--limit', '1');
    expect(history).toContain('production/bird-strike 1.2.0 → 1.0.0');
    expect(history).toContain('#4 by Ada Lovelace, approved by Grace Hopper, merged by Ada Lovelace');
    expect(world.forge.violations()).toEqual([]);
  });

  if (name === 'gitlab' || name === 'gitea') {
    it('has no signature, since the forge makes the commit itself and takes none for it', async () => {
      expect(await world.ada.git('log', '-1', '--format=%G?', 'main^2')).toBe('N');
    });
  } else {
    it('has a signature by whoever proposed that Git itself accepts', async () => {
      await expect(world.ada.git('verify-commit', 'main^2')).resolves.toBe('');
      expect(await world.ada.git('log', '-1', '--format=%GS', 'main^2')).toBe('ada@example.org');
    });
  }

  /** Which version really answers, by environment. */
  async function answering(): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    for (const environment of ['dev', 'staging', 'production']) {
      const answers = await ask(world.platform.target(environment), strikes, AbortSignal.timeout(30_000));
      expect(answers).toHaveLength(strikes.length);
      found[environment] = [...new Set(answers.map(({ version }) => version))].join();
    }
    return found;
  }

  /** When traffic moved there, by the journal. */
  async function switched(environment: string, version: string): Promise<number> {
    const entries = await world.platform.journal(
      `&ref=Deployment/${environment}/bird-strike&type=deployment.switched`,
    );
    const found = entries.find(({ data }) => data.to === version);
    return Date.parse(found?.time ?? '');
  }
}

/** The command that registers the newest version under another seed: the same graph, in a file of other bytes. */
async function newVersion({ yard }: ReviewedYard): Promise<string[]> {
  const of = (path: string) => join(yard.registry, 'models', 'bird-strike', path);
  const { spec } = parse(await readFile(of('versions/1.1.0.yaml'), 'utf8')) as {
    spec: { lineage: object; metrics: object[]; examples: object[] };
  };
  const file = (name: string) => join(yard.folder, name);
  // An empty entry of `metadata_props`, which no runtime minds.
  await writeFile(
    file('new.onnx'),
    Buffer.concat([await readFile(of('artifacts/1.1.0.onnx')), Buffer.from([0x72, 0])]),
  );
  await writeFile(
    file('run.json'),
    JSON.stringify({ lineage: { ...spec.lineage, seed: 2 }, metrics: spec.metrics }),
  );
  await writeFile(file('golden.json'), JSON.stringify(spec.examples));
  return [
    'register',
    'bird-strike',
    file('new.onnx'),
    '--describe',
    file('run.json'),
    '--examples',
    file('golden.json'),
  ];
}

function unmet({ verdict }: Judged['judgement']): readonly string[] {
  return verdict.requirements.filter(({ met }) => !met).map(({ code }) => code);
}

function outcomes({ checks }: Judged['judgement']): Record<string, string> {
  return Object.fromEntries(checks.map(({ name, outcome }) => [name, outcome]));
}

function isApproved({ judgement }: Judged): boolean {
  return judgement.verdict.approvals.length > 0;
}
