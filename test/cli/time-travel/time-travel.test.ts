import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeRegistry } from '../../../cli/init/make-registry.ts';
import type { Provenance } from '../../../cli/time-travel/provenance.ts';
import { git } from '../../fixtures/registry.ts';
import { run } from '../run.ts';

/** A registry in which three things happened, each at a known time. */
const folder = mkdtempSync(join(tmpdir(), 'switchyard-history-'));
const registry = join(folder, 'registry');
const staging = 'environments/staging/bird-strike.yaml';
const production = 'environments/production/bird-strike.yaml';
const newest = 'models/bird-strike/versions/1.1.0.yaml';

function edit(path: string, from: string, to: string): void {
  const text = readFileSync(join(registry, path), 'utf8');
  if (!text.includes(from)) throw new Error(`${path} does not hold ${from}`);
  writeFileSync(join(registry, path), text.replace(from, to));
}

function commitAt(time: string, message: string): string {
  process.env.GIT_AUTHOR_DATE = time;
  process.env.GIT_COMMITTER_DATE = time;
  try {
    git(registry, 'commit', '-qam', message);
    return git(registry, 'rev-parse', 'HEAD');
  } finally {
    delete process.env.GIT_AUTHOR_DATE;
    delete process.env.GIT_COMMITTER_DATE;
  }
}

const commits: Record<string, string> = {};
beforeAll(async () => {
  await makeRegistry(registry, 'test');
  process.env.GIT_COMMITTER_DATE = '2026-03-01T08:00:00Z';
  git(registry, 'commit', '-q', '--amend', '--no-edit', '--date', '2026-03-01T08:00:00Z');
  delete process.env.GIT_COMMITTER_DATE;
  edit(staging, 'version: 1.0.0', 'version: 1.1.0');
  commits.staging = commitAt('2026-03-01T12:00:00Z', 'feat(staging): promote bird-strike 1.1.0');
  edit(production, 'version: 1.0.0', 'version: 1.1.0');
  commits.production = commitAt(
    '2026-03-02T14:00:00Z',
    `Merge proposal 7: Promote bird-strike 1.1.0 to production

Switchyard-Proposal: 7
Switchyard-Head: ${'a'.repeat(40)}
Approved-by: Grace <grace@example.com>
Approved-by: Linus <linus@example.com>
Switchyard-Checks: signature=pass, lineage=pass`,
  );
  edit(production, 'keepWarm: 10m', 'keepWarm: 20m');
  commits.warm = commitAt('2026-03-03T09:00:00Z', 'chore: keep production warm for longer');
  edit(
    newest,
    '  line: main',
    '  quarantine: { reason: too many false alarms, since: "2026-03-04" }\n  line: main',
  );
  edit(production, 'version: 1.1.0', 'version: 1.0.0');
  commits.back = commitAt(
    '2026-03-04T03:00:00Z',
    'Merge proposal 9: Roll back bird-strike\n\nSwitchyard-Proposal: 9\nBreak-Glass: emergency by Ada, 2 not met',
  );
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Without a platform: nothing listens there, and nothing of this machine is asked. */
const environment = { SWITCHYARD_API: '', XDG_RUNTIME_DIR: folder };
const ask = (...words: string[]) => run(words, { folder: registry, environment });
const json = async (...words: string[]) => JSON.parse((await ask(...words, '-o', 'json')).out);

describe('a clone of limited depth', () => {
  it('is asked for the rest, rather than taking its oldest commit for the one that did it all', async () => {
    const shallow = join(folder, 'shallow');
    git(folder, 'clone', '-q', '--depth', '2', `file://${registry}`, shallow);
    for (const words of [
      ['history', 'bird-strike'],
      ['at', 'now'],
      ['why', 'bird-strike'],
      ['blame', 'production/bird-strike'],
    ]) {
      const { status, err } = await run(words, { folder: shallow, environment });
      expect([words[0], status]).not.toEqual([words[0], 0]);
      expect(err).toContain('HistoryCutShort');
      expect(err).toContain('git fetch --unshallow');
    }
    expect((await run(['lines', 'bird-strike'], { folder: shallow, environment })).status).toBe(0);
    git(shallow, 'fetch', '-q', '--unshallow');
    expect((await run(['history', 'bird-strike'], { folder: shallow, environment })).status).toBe(0);
  });
});

describe('who stands behind a change', () => {
  it('is told apart: who proposed, who approved, who merged, and for whom the platform merged', async () => {
    const other = mkdtempSync(join(folder, 'merged-'));
    git(folder, 'clone', '-q', registry, other);
    const merge = (by: string, trailers: string) => {
      git(other, 'switch', '-q', '-C', 'proposal', 'main');
      appendFileSync(join(other, production), `# ${by}\n`);
      git(other, 'commit', '-qam', 'feat: change it', '--author', 'Eve <eve@example.com>');
      git(other, 'switch', '-q', 'main');
      const message = `Merge proposal 12: Change it\n\nSwitchyard-Proposal: 12\n${trailers}`;
      git(other, 'merge', '-q', '--no-ff', '-m', message, 'proposal');
      const who = `${by} <${by.toLowerCase()}@example.com>`;
      git(other, 'commit', '-q', '--amend', '--no-edit', '--author', who);
    };
    merge('Linus', 'Approved-by: Grace <grace@example.com>');
    merge('Switchyard', 'Merged-for: Grace <grace@example.com>');
    const told = await run(['history', 'bird-strike', '--limit', '2', '-o', 'json'], {
      folder: other,
      environment,
    });
    const people = JSON.parse(told.out).items.map(({ author, mergedBy, approvedBy }: Provenance) => {
      return [author, mergedBy, ...approvedBy];
    });
    expect(people.sort()).toEqual([
      ['Eve <eve@example.com>', 'Grace <grace@example.com>'],
      ['Eve <eve@example.com>', 'Linus <linus@example.com>', 'Grace <grace@example.com>'],
    ]);
    const { out } = await run(['history', 'bird-strike', '--limit', '2'], { folder: other, environment });
    expect(out).toContain('#12 by Eve, approved by nobody, merged by Grace');
    expect(out).toContain('#12 by Eve, approved by Grace, merged by Linus');
  }, 120_000);
});

describe('switchyard history', () => {
  it('tells what happened to a model, newest first, and who allowed it', async () => {
    const { items } = await json('history', 'bird-strike');
    expect(items.map(({ commit }: { commit: string }) => commit).slice(0, 4)).toEqual([
      commits.back,
      commits.warm,
      commits.production,
      commits.staging,
    ]);
    expect(items[0]).toMatchObject({
      proposal: 9,
      approvedBy: [],
      breakGlass: 'emergency by Ada, 2 not met',
    });
    expect(items[0].changes).toEqual([
      { type: 'deployed', environment: 'production', deployment: 'bird-strike', from: '1.1.0', to: '1.0.0' },
      { type: 'quarantined', version: '1.1.0', reason: 'too many false alarms' },
    ]);
    expect(items[1].changes).toEqual([
      { type: 'configured', environment: 'production', deployment: 'bird-strike' },
    ]);
    expect(items[2]).toMatchObject({
      proposal: 7,
      subject: 'Promote bird-strike 1.1.0 to production',
      approvedBy: ['Grace <grace@example.com>', 'Linus <linus@example.com>'],
    });
    expect(items[3].proposal).toBeNull();
  });

  it('reads for people, in a few lines each', async () => {
    const { out, status } = await ask('history', 'bird-strike', '--limit', '3');
    expect(status).toBe(0);
    expect(out).toContain('2026-03-02 14:00Z  Promote bird-strike 1.1.0 to production');
    expect(out).toContain('production/bird-strike 1.0.0 → 1.1.0');
    expect(out).toContain('#7 by Ada, approved by Grace, Linus');
    expect(out).not.toContain('promote bird-strike 1.1.0\n');
  });

  it('says so where there is no such model', async () => {
    const { status, err } = await ask('history', 'cat-strike');
    expect(status).toBe(4);
    expect(err).toContain('NothingKnown');
  });

  it('tells of a deployment that is there no more', async () => {
    git(registry, 'checkout', '-q', '-b', 'gone');
    git(registry, 'rm', '-q', production);
    git(registry, 'commit', '-qm', 'feat: stop');
    const { items } = await json('history', 'bird-strike', '--reference', 'gone', '--limit', '1');
    git(registry, 'checkout', '-q', 'main');
    expect(items[0].changes).toEqual([
      { type: 'undeployed', environment: 'production', deployment: 'bird-strike', from: '1.0.0' },
    ]);
  });
});

describe('switchyard at', () => {
  it('answers what the base branch declared at a moment', async () => {
    const versionAt = async (time: string) => {
      const { deployments } = await json('at', time, '--env', 'production', '--offline');
      return deployments.map(({ version }: { version: string }) => version);
    };
    expect(await versionAt('2026-03-02T13:59:59Z')).toEqual(['1.0.0']);
    expect(await versionAt('2026-03-02T14:03:00Z')).toEqual(['1.1.0']);
    expect(await versionAt('2026-03-03')).toEqual(['1.1.0']);
    expect(await versionAt('2026-03-04T03:00:00Z')).toEqual(['1.0.0']);
    expect((await ask('at', '2025-01-01', '--offline')).out).toContain('Before the first commit');
  });

  it('names the artifact, and the commit that brought the version there', async () => {
    const { deployments } = await json('at', '2026-03-03T10:00:00Z', '--env', 'production', '--offline');
    expect(deployments[0]).toMatchObject({
      model: 'bird-strike',
      version: '1.1.0',
      facts: { artifact: { digest: expect.stringMatching(/^sha256:cba438c4/) } },
      since: { commit: commits.production, proposal: 7 },
      switchedAt: null,
    });
  });

  it('refuses what is no moment', async () => {
    const { status, err } = await ask('at', 'yesterdayish');
    expect(status).toBe(2);
    expect(err).toContain('is no moment');
  });
});

describe('switchyard why', () => {
  it('takes no preview of a proposal for an answer of a deployment', async () => {
    const { status, err } = await ask('why', '0199a5c1-2f7e-8b40-9c55-0f6f2f0f9a11', '--offline');
    expect([status === 0, err]).toEqual([false, expect.stringContaining('AnsweredByPreview')]);
  });

  it('leads from a prediction to the version, its data, its proposal and its approvers', async () => {
    // A UUIDv7 of 2026-03-02T14:03:00Z.
    const ms = Date.parse('2026-03-02T14:03:00Z').toString(16).padStart(12, '0');
    const id = `${ms.slice(0, 8)}-${ms.slice(8)}-7abc-8def-0123456789ab`;
    const why = await json('why', id, '--env', 'production', '--offline');
    expect(why).toMatchObject({ prediction: id, time: '2026-03-02T14:03:00.000Z', source: 'git' });
    expect(why.answers).toHaveLength(1);
    expect(why.answers[0]).toMatchObject({
      version: '1.1.0',
      facts: {
        lineage: { dataset: { name: 'bird-strike', version: '1' } },
        dataDigest: expect.stringMatching(/^sha256:/),
      },
      since: { proposal: 7, approvedBy: ['Grace <grace@example.com>', 'Linus <linus@example.com>'] },
      registered: { proposal: null },
    });
    const { out } = await ask('why', id, '--env', 'production', '--offline');
    expect(out).toContain(`Prediction ${id} was made at 2026-03-02T14:03:00.000Z.`);
    expect(out).toMatch(/approved by +Grace <grace@example.com>/);
    expect(out).toContain('Who approved is the word of the merge commit.');
    expect(out).toMatch(/checks +signature=pass, lineage=pass/);
  });

  it('answers for a model as it serves now', async () => {
    const why = await json('why', 'bird-strike', '--env', 'production', '--offline');
    expect(why.answers.map(({ version }: { version: string }) => version)).toEqual(['1.0.0']);
    expect(why.answers[0].since).toMatchObject({
      commit: commits.back,
      breakGlass: 'emergency by Ada, 2 not met',
    });
  });
});

describe('switchyard blame', () => {
  it('blames the commit that gave a field its value, and none that only moved lines', async () => {
    const { fields } = await json('blame', 'production/bird-strike');
    const since = Object.fromEntries(
      fields.map(({ pointer, since }: { pointer: string; since: { commit: string } }) => [
        pointer,
        since.commit,
      ]),
    );
    expect(since['/spec/version']).toBe(commits.back);
    expect(since['/spec/keepWarm']).toBe(commits.warm);
    expect(since['/spec/limits/maxQueue']).not.toBe(commits.warm);
    expect((await ask('blame', 'production')).status).toBe(2);
    expect((await ask('blame', 'production/cats')).status).toBe(4);
  });
});

describe('switchyard diff', () => {
  it('compares operators, weights, lineage and metrics of two versions', async () => {
    const difference = await json('diff', 'bird-strike@1.0.0', '1.1.0');
    expect(difference.signature).toEqual([]);
    expect(difference.artifact.weights.changed.length).toBeGreaterThan(0);
    expect(difference.lineage).toContainEqual({
      what: 'parameters.years',
      before: [1990, 1994],
      after: [1995, 1998],
    });
    const auc = difference.metrics.find(
      ({ name, on }: { name: string; on: string }) => name === 'auc' && on.includes('1999'),
    );
    expect(auc).toMatchObject({ before: { value: 0.7739 }, after: { value: 0.7913 } });
    const { out, status } = await ask('diff', '1.0.0', '1.1.0');
    expect(status).toBe(0);
    expect(out).toContain('Signature: the same');
    expect((await ask('diff', 'bird-strike@1.0.0', '9.9.9')).status).toBe(4);
  });
});

describe('the cards of two versions', () => {
  const card = 'models/bird-strike/card.md';
  const last = 'models/bird-strike/versions/1.2.0.yaml';

  it('are each what stood there last before the next version came', async () => {
    expect((await json('diff', '1.0.0', '1.1.0')).card).toBeNull();
    expect((await ask('diff', '1.0.0', '1.1.0')).out).toContain('Model card: the same');

    git(registry, 'checkout', '-q', '-b', 'cards');
    const text = readFileSync(join(registry, newest), 'utf8');
    // Still said of 1.1.0, though after it came.
    edit(card, 'license: apache-2.0', 'license: mit');
    git(registry, 'commit', '-qam', 'docs: correct the licence');
    writeFileSync(join(registry, last), text.replace('name: 1.1.0', 'name: 1.2.0'));
    git(registry, 'add', '-A');
    git(registry, 'commit', '-qm', 'feat: register 1.2.0');
    const heading = /^## .*$/m.exec(readFileSync(join(registry, card), 'utf8'))?.[0] ?? '';
    edit(card, `${heading}\n`, `${heading}\n\nNot for helicopters.\n`);
    edit(card, '- aviation-safety', '- safety');
    git(registry, 'commit', '-qam', 'docs: say what it is not for');

    const { card: changed } = await json('diff', '1.1.0', '1.2.0', '--reference', 'cards');
    const { out } = await ask('diff', '1.1.0', '1.2.0', '--reference', 'cards');
    const { card: first } = await json('diff', '1.0.0', '1.1.0', '--reference', 'cards');
    git(registry, 'checkout', '-q', 'main');
    expect(changed.fields).toEqual([
      {
        what: 'tags',
        before: ['tabular-classification', 'gradient-boosting', 'aviation-safety'],
        after: ['tabular-classification', 'gradient-boosting', 'safety'],
      },
    ]);
    const section = heading.replace(/^#+ /, '');
    expect(changed.text).toEqual([{ section, removed: [], added: ['Not for helicopters.'] }]);
    expect(out).toContain(`  # ${section}\n  + Not for helicopters.\n`);
    // Both came with the first commit, and nothing was registered between.
    expect(first).toBeNull();
  });
});

describe('switchyard lines', () => {
  it('draws the versions, where they answer, and which are quarantined', async () => {
    const { out } = await ask('lines', 'bird-strike');
    expect(out).toBe('*  1.1.0  main  dev, staging  quarantined\n*  1.0.0  main  production\n');
  });
});
