import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MemoryStore } from '../../../core/state/memory-store.ts';
import { plugin as policies } from '../../../plugins/policies/index.ts';
import { widget, widgetPlugin, Yard } from '../../fixtures/yard.ts';
import { Cast, type Committer, platform, SignedRegistry, whyNoSigning } from './signed-registry.ts';

if (whyNoSigning !== undefined) console.warn(whyNoSigning);

const signed = { signatures: 'every-commit' };
const width = (size: number) => ({ 'widgets/a.yaml': widget('a', { size }) });

describe.skipIf(whyNoSigning !== undefined)('the admission of signed commits', () => {
  let yard: Yard;
  let registry: SignedRegistry;
  let ada: Committer;
  let grace: Committer;
  let bob: Committer;
  let mallory: Committer;
  /** The commit that demands signatures first. */
  let first: string;

  let cast: Cast;

  beforeAll(() => {
    cast = new Cast();
    ({ ada, grace, bob, mallory } = cast);
  });
  afterAll(() => cast?.close());
  beforeEach(() => {
    yard = new Yard();
    registry = new SignedRegistry(yard.registry, cast);
  });
  afterEach(() => yard.close());

  async function start(
    settings: Readonly<Record<string, unknown>> = {},
    admission: object | undefined = signed,
  ) {
    await yard.start({
      plugins: [
        { definition: widgetPlugin(yard.world), options: {} },
        { definition: policies, options: admission === undefined ? {} : { admission } },
      ],
      settings: (plugin) => (plugin === 'policies' ? settings : {}),
    });
  }

  /** A registry that demands signatures by Ada, Grace and Bob, and a platform that runs from it. */
  async function begin(admission: object = signed): Promise<void> {
    first = registry.commit(ada, {
      'platform.yaml': platform(admission),
      'teams/risk.yaml': cast.team('risk', ada, grace),
      'teams/ops.yaml': cast.team('ops', bob),
      ...width(1),
    });
    await start({}, admission);
    expect(size()).toBe(1);
  }

  const size = () => yard.world.get('a');
  const held = () => yard.kernel.head().held?.message ?? 'nothing is held';

  /** What became of the newest commit: applied, or why not. */
  async function outcome(): Promise<string> {
    await yard.settle();
    const { commit, applied } = yard.kernel.head();
    return commit === applied ? 'applied' : held();
  }

  it('applies what members signed, by SSH and by OpenPGP', async () => {
    await begin();
    registry.commit(ada, width(2));
    expect(await outcome()).toBe('applied');
    registry.commit(grace, width(3));
    expect(await outcome()).toBe('applied');
    expect(size()).toBe(3);
  });

  it('does not apply what nobody signed: last good goes on, and journal, event and answer say who, what and why', async () => {
    await begin();
    const told: unknown[] = [];
    yard.kernel.on('snapshot.held', (payload) => told.push(payload));
    const commit = registry.commit(mallory, width(9), { unsigned: true, message: 'fix: nothing to see' });
    const message = `SignatureMissing: ${commit.slice(0, 12)} "fix: nothing to see" by Mallory <mallory@example.com> is not signed by whom it names: it is not signed.`;
    expect(await outcome()).toContain(message);
    expect(size()).toBe(1);
    expect(told).toEqual([
      { commit, reason: 'SnapshotRejected', cause: 'SignatureMissing', message: held() },
    ]);
    const [entry] = await yard.kernel.journal({ type: 'snapshot.held', limit: 1 });
    expect(entry).toMatchObject({ commit, message: held(), data: { cause: 'SignatureMissing' } });
    await expect(yard.kernel.acknowledge(commit, 'on call')).rejects.toMatchObject({
      code: 'AcknowledgeRefused',
    });
    expect(await outcome()).toContain(message);
    expect(size()).toBe(1);
  });

  it('applies what comes instead, once the branch is put right', async () => {
    await begin();
    registry.commit(mallory, width(9), { unsigned: true });
    await outcome();
    registry.git('reset', '-q', '--hard', first);
    registry.commit(ada, width(2));
    expect(await outcome()).toBe('applied');
    expect(size()).toBe(2);
  });

  it('is not deceived by references that replace an object by another', async () => {
    await begin();
    const good = registry.commit(ada, width(2));
    registry.git('reset', '-q', '--hard', first);
    const bad = registry.commit(mallory, width(9), { unsigned: true });
    registry.git('replace', bad, good);
    expect(await outcome()).toMatch(/^SignatureMissing: .*Mallory/);
    registry.git('replace', '-d', bad);
    registry.git('replace', `${good}^{tree}`, `${bad}^{tree}`);
    registry.git('update-ref', 'refs/heads/main', good);
    expect(await outcome()).toBe('applied');
    expect(size()).toBe(2);
  });

  it('is not deceived by a signed commit on top of one that is not', async () => {
    await begin();
    registry.commit(mallory, width(9), { unsigned: true });
    registry.commit(ada, { 'widgets/b.yaml': widget('b', { size: 1 }) });
    expect(await outcome()).toMatch(/^SignatureMissing: .*Mallory/);
    expect(size()).toBe(1);
  });

  it.each([
    ['a stranger', () => ({ by: mallory, wishes: {} }), /^SignerUnknown: .*Mallory.*no member of a team/],
    [
      'a stranger under a member’s name',
      () => ({ by: { ...mallory, name: 'Ada' }, wishes: {} }),
      /^SignerUnknown/,
    ],
    [
      'a stranger under a member’s name and address',
      () => ({ by: { ...mallory, name: ada.name, email: ada.email }, wishes: {} }),
      /^SignerUnknown: .*by Ada <ada@example.com>.*\(key SHA256:/,
    ],
    [
      'a member under another’s name and address',
      () => ({ by: { ...bob, name: ada.name, email: ada.email }, wishes: {} }),
      /^SignerUnknown: /,
    ],
    [
      'a stranger with OpenPGP under a member’s address',
      () => ({ by: { ...cast.person('Eve', 'openpgp'), email: grace.email }, wishes: {} }),
      /^SignerUnknown: .*no key of Grace/,
    ],
  ])('does not apply what is signed by %s', async (_who, make, refusal) => {
    await begin();
    const { by, wishes } = make();
    registry.commit(by, width(9), wishes);
    expect(await outcome()).toMatch(refusal);
    expect(size()).toBe(1);
  });

  it('asks who committed: the name of an author is only what the committer says', async () => {
    await begin();
    registry.commit(mallory, width(9), { author: ada });
    expect(await outcome()).toMatch(/^SignerUnknown: .*Mallory/);
    registry.git('reset', '-q', '--hard', first);
    registry.commit(ada, width(2), { author: mallory });
    expect(await outcome()).toBe('applied');
  });

  it('does not apply an unsigned merge of signed commits', async () => {
    await begin();
    registry.git('checkout', '-q', '-b', 'feature');
    registry.commit(ada, width(2));
    registry.git('checkout', '-q', 'main');
    registry.merge(ada, 'feature', { unsigned: true });
    expect(await outcome()).toMatch(/^SignatureMissing: .*"merge feature"/);
  });

  it.each([
    ['every-commit', /^SignatureMissing: .*Mallory.*; it came with .*"merge feature" by Ada/],
    ['mainline', /^applied$/],
  ])('looks at what a signed merge brings, as far as %s demands', async (signatures, expected) => {
    await begin({ signatures });
    registry.git('checkout', '-q', '-b', 'feature');
    registry.commit(mallory, width(2), { unsigned: true });
    registry.git('checkout', '-q', 'main');
    registry.commit(ada, { 'widgets/b.yaml': widget('b', { size: 1 }) });
    registry.merge(ada, 'feature');
    expect(await outcome()).toMatch(expected);
  });

  it('looks at all that is new where the branch itself was merged into another', async () => {
    await begin({ signatures: 'mainline' });
    registry.git('checkout', '-q', '-b', 'mine', first);
    registry.commit(mallory, { 'widgets/b.yaml': widget('b', { size: 1 }) }, { unsigned: true });
    registry.git('checkout', '-q', 'main');
    registry.commit(ada, width(2));
    expect(await outcome()).toBe('applied');
    registry.git('checkout', '-q', 'mine');
    registry.merge(ada, 'main');
    registry.git('branch', '-f', 'main', 'mine');
    registry.git('checkout', '-q', 'main');
    expect(await outcome()).toMatch(/^SignatureMissing: .*Mallory/);
  });

  it('lets only the teams sign that are named', async () => {
    await begin({ signatures: 'every-commit', signers: ['risk'] });
    registry.commit(bob, width(9));
    expect(await outcome()).toMatch(
      /^SignerNotAllowed: .*Bob, who is in none of the teams that may sign \(risk\)/,
    );
    registry.git('reset', '-q', '--hard', first);
    registry.commit(ada, width(2));
    expect(await outcome()).toBe('applied');
  });

  it('follows people as they come and go, each judged by what was admitted before', async () => {
    await begin();
    const withMallory = cast.team('ops', bob, mallory);
    registry.commit(mallory, { 'teams/ops.yaml': withMallory });
    expect(await outcome()).toMatch(/^SignerUnknown: .*Mallory/);
    registry.git('reset', '-q', '--hard', first);
    registry.commit(ada, { 'teams/ops.yaml': withMallory });
    registry.commit(mallory, width(2));
    expect(await outcome()).toBe('applied');
    expect(size()).toBe(2);
  });

  it('takes no commit of somebody who has left, and is not kept from what was signed before', async () => {
    await begin();
    const left = registry.commit(ada, { 'teams/ops.yaml': cast.team('ops', mallory), ...width(2) });
    registry.commit(bob, width(9));
    expect(await outcome()).toMatch(/^SignerUnknown: .*Bob/);
    expect(yard.kernel.head().applied).toBe(left);
    expect(size()).toBe(2);
  });

  it('takes no commit by a key that a team revokes, expired, or is not listed any more', async () => {
    await begin();
    const risk = JSON.parse(cast.team('risk', ada, grace));
    risk.spec.revokedKeys = [grace.openpgp];
    registry.commit(ada, { 'teams/risk.yaml': JSON.stringify(risk) });
    expect(await outcome()).toBe('applied');
    registry.commit(grace, width(9));
    expect(await outcome()).toMatch(/^SignerRevoked: .*Grace.*revoked/);
    registry.git('reset', '-q', '--hard', 'HEAD~');
    const ops = JSON.parse(cast.team('ops', bob));
    ops.spec.members[0].signingKeys[0].validBefore = '2024-01-01';
    registry.commit(ada, { 'teams/ops.yaml': JSON.stringify(ops) });
    registry.commit(bob, width(9));
    expect(await outcome()).toMatch(/^SignatureExpired: .*Bob/);
    expect(size()).toBe(1);
  });

  it('does not go back or sideways when somebody forces a push, whoever signed what is there', async () => {
    await begin();
    registry.commit(ada, width(2));
    const newest = registry.commit(ada, width(3));
    expect(await outcome()).toBe('applied');
    registry.git('reset', '-q', '--hard', 'HEAD~');
    expect(await outcome()).toMatch(
      /^HistoryRewritten: .* does not stand on [0-9a-f]{12}, which was admitted last/,
    );
    registry.commit(ada, width(4));
    expect(await outcome()).toMatch(/^HistoryRewritten/);
    expect(size()).toBe(3);
    registry.git('reset', '-q', '--hard', newest);
    registry.commit(ada, width(5));
    expect(await outcome()).toBe('applied');
  });

  it('does not go back where what was admitted is gone from the repository altogether', async () => {
    await begin();
    registry.commit(ada, width(2));
    expect(await outcome()).toBe('applied');
    await yard.stop();
    registry.git('reset', '-q', '--hard', first);
    registry.git('reflog', 'expire', '--expire=now', '--all');
    registry.git('gc', '-q', '--prune=now');
    yard.world.clear();
    await start();
    expect(await outcome()).toMatch(/^HistoryRewritten/);
  });

  it('goes on under a refused commit after a restart', async () => {
    await begin();
    registry.commit(ada, width(2));
    expect(await outcome()).toBe('applied');
    registry.commit(mallory, width(9), { unsigned: true });
    expect(await outcome()).toMatch(/^SignatureMissing/);
    await yard.stop();
    yard.world.clear();
    await start();
    expect(await outcome()).toMatch(/^SignatureMissing/);
    expect(size()).toBe(2);
  });

  describe('where the store is lost', () => {
    async function lose(...folders: string[]): Promise<void> {
      await yard.stop();
      yard.store = new MemoryStore();
      yard.world.clear();
      for (const folder of folders) rmSync(join(yard.folder, folder), { recursive: true, force: true });
      await start();
    }

    it('remembers by itself what was admitted, a rewrite included', async () => {
      await begin();
      const second = registry.commit(ada, width(2));
      expect(await outcome()).toBe('applied');
      registry.commit(mallory, width(9), { unsigned: true });
      await lose();
      expect(await outcome()).toMatch(/^SignatureMissing/);
      expect(yard.kernel.head().applied).toBe(second);
      expect(size()).toBe(2);
      registry.git('reset', '-q', '--hard', first);
      await lose();
      expect(await outcome()).toMatch(/^HistoryRewritten/);
    });

    it('judges all of history from the first demand on, where nothing is remembered', async () => {
      registry.commit(mallory, width(0), { unsigned: true });
      await begin();
      registry.commit(ada, { 'teams/ops.yaml': cast.team('ops', mallory) });
      const last = registry.commit(mallory, width(2));
      expect(await outcome()).toBe('applied');
      await lose('plugins');
      expect(await outcome()).toBe('applied');
      registry.commit(bob, width(9));
      registry.commit(ada, width(10));
      await lose('plugins');
      expect(await outcome()).toMatch(/^SignerUnknown: .*Bob/);
      expect(yard.kernel.head().applied).toBe(last);
      expect(size()).toBe(2);
    });

    it('does not believe an unsigned commit that takes the demand away', async () => {
      await begin();
      registry.commit(mallory, { 'platform.yaml': platform(undefined), ...width(8) }, { unsigned: true });
      registry.commit(mallory, width(9), { unsigned: true });
      expect(await outcome()).toMatch(/^SignatureMissing/);
      await lose('plugins');
      expect(await outcome()).toMatch(/^SignatureMissing/);
      expect(yard.kernel.head().applied).toBe(first);
      expect(size()).toBe(1);
    });

    it('judges keys by the time of the commits, which never goes back', async () => {
      const hour = 3600;
      const now = Math.floor(Date.now() / 1000);
      const ops = JSON.parse(cast.team('ops', bob));
      ops.spec.members[0].signingKeys[0].validBefore = new Date((now - hour) * 1000)
        .toISOString()
        .replace('.000', '');
      const files = {
        'platform.yaml': platform(signed),
        'teams/risk.yaml': cast.team('risk', ada, grace),
        'teams/ops.yaml': JSON.stringify(ops),
        ...width(1),
      };
      registry.commit(ada, files, { time: now - 48 * hour });
      registry.commit(bob, width(2), { time: now - 24 * hour });
      await start();
      expect(await outcome()).toBe('applied');
      await yard.stop();
      registry.commit(ada, width(3), { time: now - 60 });
      registry.commit(bob, width(9), { time: now - 24 * hour });
      await lose('plugins');
      expect(await outcome()).toMatch(/^SignatureExpired: .*Bob/);
      expect(size()).toBe(3);
    });
  });

  describe('what judges', () => {
    it('is taken away by whom it lets, and by nobody else', async () => {
      await begin();
      registry.commit(mallory, { 'platform.yaml': platform(undefined) }, { unsigned: true });
      expect(await outcome()).toMatch(/^SignatureMissing/);
      registry.git('reset', '-q', '--hard', first);
      registry.commit(ada, { 'platform.yaml': platform(undefined) });
      registry.commit(mallory, width(2), { unsigned: true });
      expect(await outcome()).toBe('applied');
    });

    it.each([
      ['a team', { 'teams/risk.yaml': 'kind: Team\n' }, /^JudgesInvalid: .*teams\/risk\.yaml:/],
      ['platform.yaml', { 'platform.yaml': 'kind: Platform\n' }, /^JudgesInvalid: .*platform\.yaml:/],
      [
        'the demand',
        { 'platform.yaml': platform({ signatures: 'sometimes' }) },
        /^JudgesInvalid: .*admission/,
      ],
    ])('must stay whole: a signed commit that breaks %s is not applied', async (_what, files, refusal) => {
      await begin();
      registry.commit(ada, { ...files, ...width(2) } as Record<string, string>);
      expect(await outcome()).toMatch(refusal);
      registry.git('reset', '-q', '--hard', first);
      registry.commit(ada, width(3));
      expect(await outcome()).toBe('applied');
    });

    it('must leave somebody who may sign', async () => {
      registry.commit(mallory, width(1), { unsigned: true });
      await start({}, undefined);
      registry.commit(ada, { 'platform.yaml': platform(signed) });
      expect(await outcome()).toMatch(/^NobodyMaySign/);
      registry.commit(ada, { 'teams/risk.yaml': cast.team('risk', ada) });
      expect(await outcome()).toMatch(/^NobodyMaySign/);
      registry.git('reset', '-q', '--soft', 'HEAD~2');
      registry.commit(ada, {});
      expect(await outcome()).toBe('applied');
      registry.commit(ada, { 'platform.yaml': platform({ ...signed, signers: ['nobody'] }) });
      expect(await outcome()).toMatch(/^NobodyMaySign: .*nobody/);
    });

    it('demands nothing by itself: rewritten and unsigned commits are applied', async () => {
      registry.commit(mallory, { 'platform.yaml': platform(undefined), ...width(1) }, { unsigned: true });
      await start({}, undefined);
      registry.commit(mallory, width(2), { unsigned: true });
      expect(await outcome()).toBe('applied');
      registry.git('reset', '-q', '--hard', 'HEAD~');
      expect(await outcome()).toBe('applied');
      expect(size()).toBe(1);
    });
  });

  describe('the word of the operator', () => {
    it('lets one commit through, and what is signed on top of it', async () => {
      await begin();
      const bad = registry.commit(
        mallory,
        { 'teams/risk.yaml': cast.team('risk', mallory), ...width(2) },
        { unsigned: true },
      );
      expect(await outcome()).toMatch(/^SignatureMissing/);
      await yard.stop();
      await start({ trustedCommit: bad });
      expect(await outcome()).toBe('applied');
      registry.commit(mallory, width(3));
      expect(await outcome()).toBe('applied');
      registry.commit(ada, width(9));
      expect(await outcome()).toMatch(/^SignerUnknown: .*Ada/);
    });

    it('is heard once: it does not let anybody go back to it later', async () => {
      await begin();
      registry.commit(ada, width(2));
      await outcome();
      registry.git('checkout', '-q', '-B', 'main', first);
      const vouched = registry.commit(ada, width(3));
      expect(await outcome()).toMatch(/^HistoryRewritten/);
      await yard.stop();
      await start({ trustedCommit: vouched });
      expect(await outcome()).toBe('applied');
      registry.commit(ada, width(4));
      expect(await outcome()).toBe('applied');
      registry.git('reset', '-q', '--hard', vouched);
      expect(await outcome()).toMatch(/^HistoryRewritten/);
      expect(size()).toBe(4);
    });

    it('must be a whole commit', async () => {
      registry.commit(ada, width(1));
      await expect(start({ trustedCommit: 'main' })).rejects.toMatchObject({
        cause: expect.objectContaining({ code: 'InvalidPoliciesSetting' }),
      });
    });
  });
});
