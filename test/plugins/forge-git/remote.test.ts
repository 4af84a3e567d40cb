import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Draft } from '../../../core/capabilities/forge.ts';
import { openSource, type Source } from '../../../libraries/git/source.ts';
import { GitForge } from '../../../plugins/forge-git/git-forge.ts';
import { recordingLog } from '../../fixtures/recording-log.ts';
import { until } from '../../fixtures/until.ts';
import { ada, type ForgeWorld, forgeWorld, grace } from './forge-world.ts';

describe('the embedded forge of a registry that lies elsewhere', { timeout: 120_000 }, () => {
  let world: ForgeWorld;
  const sources: Source[] = [];
  beforeEach(async () => {
    world = await forgeWorld('native');
    world.real.git('config', 'receive.denyCurrentBranch', 'ignore');
  });
  afterEach(async () => {
    for (const source of sources.splice(0)) await source.close();
    await world.close();
  });

  /** A platform with a copy of the registry, which it fetches only when it is asked to look. */
  async function platform(name: string): Promise<{ readonly forge: GitForge; readonly source: Source }> {
    const folder = join(world.folder, name);
    mkdirSync(folder);
    const source = await openSource({
      location: `file://${world.real.path}`,
      folder,
      onLook: () => undefined,
      log: recordingLog(),
      interval: 3_600_000,
    });
    sources.push(source);
    const { repository, reference } = source;
    return {
      source,
      forge: new GitForge({
        repository,
        base: reference,
        fetch: () => source.fetchReferences([reference, 'refs/proposals/*']),
      }),
    };
  }

  async function draft(key: string, more: Partial<Draft> = {}): Promise<Draft> {
    return {
      key,
      on: await world.tip(),
      changes: new Map([[`models/${key}.yaml`, `name: ${key}\n`]]),
      message: `feat: ${key}`,
      title: key,
      body: '',
      author: ada,
      ...more,
    };
  }

  it('writes to the remote, and finds its way past what others wrote there in the meantime', async () => {
    const [one, other] = [await platform('one'), await platform('other')];
    const first = await one.forge.open(await draft('a'));
    expect(world.real.git('rev-parse', `refs/proposals/${first.number}/head`)).toBe(first.head);
    // The other has not fetched: the number that it would take is taken.
    const second = await other.forge.open(await draft('b'));
    expect([first.number, second.number]).toEqual([1, 2]);
    const [third, fourth] = await Promise.all([
      one.forge.open(await draft('c')),
      other.forge.open(await draft('c')),
    ]);
    expect(third.number).toBe(fourth.number);
    await expect(one.forge.open(await draft('b', { title: 'other' }))).rejects.toMatchObject({ number: 2 });
    expect((await world.forge.list({ limit: 10 })).map(({ key }) => key)).toEqual(['c', 'b', 'a']);

    await Promise.all([one.forge.comment(1, 'plan', 'one'), other.forge.comment(1, 'alert', 'other')]);
    expect((await world.forge.comments(1)).map(({ slot }) => slot).sort()).toEqual(['alert', 'plan']);
    await one.forge.review(1, { verdict: 'approve', head: first.head, body: '', by: grace });
    expect(await world.forge.reviews(1)).toHaveLength(1);
  });

  it('merges on the remote, once', async () => {
    const [one, other] = [await platform('one'), await platform('other')];
    const { number, head } = await one.forge.open(await draft('a'));
    other.source.look();
    await until(async () => (await other.forge.get(number)) !== undefined);
    const order = { expectedHead: head, expectedBase: await world.tip(), message: 'Merge it', by: ada };
    const [merged, again] = await Promise.all([one, other].map(({ forge }) => forge.merge(number, order)));
    expect(merged).toEqual(again);
    expect(await world.tip()).toBe(merged?.commit);
    expect(world.real.git('log', '-1', '--format=%P', 'main')).toBe(`${order.expectedBase} ${head}`);
    expect(await world.forge.get(number)).toMatchObject({ state: 'merged', mergedAs: merged?.commit });
    expect(world.real.git('for-each-ref', 'refs/proposals/keys/')).toBe('');
  });

  it('says that the forge cannot be asked while the remote is away, and changes nothing', async () => {
    const { forge } = await platform('one');
    const { number } = await forge.open(await draft('a'));
    const away = `${world.real.path}-away`;
    renameSync(world.real.path, away);
    try {
      await expect(forge.comment(number, 'plan', 'x')).rejects.toMatchObject({
        where: expect.anything() as unknown,
      });
      expect(await forge.comments(number)).toEqual([]);
      expect(await forge.list({ limit: 10 })).toHaveLength(1);
    } finally {
      renameSync(away, world.real.path);
    }
    await forge.comment(number, 'plan', 'x');
    expect(await world.forge.comments(number)).toHaveLength(1);
  });
});
