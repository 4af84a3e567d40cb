/** What every `forge` promises. A provider's test file calls this with a way to make one over a fresh registry. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Actor, CheckReport, Draft, Forge, Review } from '../../core/capabilities/forge.ts';
import type { Repository } from '../../libraries/git/repository.ts';

type Person = Actor & { readonly email: string };

/** One forge over a registry of its own, which has `initialFiles` and at least two commits on its base. */
export interface ForgeUnderTest {
  /** As the platform, or the person at this machine, holds it. */
  readonly forge: Forge;
  /** Another over the same registry, as a second process would have. */
  another(): Promise<Forge>;
  /**
   * Another whose process ends just before its write number `step` (from 1), as far as anybody else can tell: the call
   * rejects with `Killed`, and nothing more of it happens. A write is whatever others could see after it.
   */
  dying(step: number): Promise<Forge>;
  /** Whose change it is. */
  readonly author: Person;
  /** Somebody else, who may approve. */
  readonly reviewer: Person;
  /** The reference in full: `refs/heads/main`. */
  readonly base: string;
  /** Where the base stands now. */
  tip(): Promise<string>;
  /** Commits to the base, around the forge; answers the commit. */
  moveBase(files: Readonly<Record<string, string>>): Promise<string>;
  /** A person commits to the branch of a proposal, around the forge; answers the commit. */
  pushTo(number: number, files: Readonly<Record<string, string>>): Promise<string>;
  /** The reviewer reviews, in the way that people do it on this forge. */
  reviewAs(number: number, verdict: Review['verdict'], head: string, body: string): Promise<void>;
  /** The reviewer adds or takes away a label, in the way that people do it on this forge. */
  labelAs(number: number, name: string, change: 'add' | 'remove'): Promise<void>;
  /** Reads the registry: the base as it is now, and heads that were fetched by `forge.fetch`. */
  repository(): Promise<Repository>;
  close(): Promise<void>;
}

/** What `dying` rejects with. */
export class Killed extends Error {
  constructor() {
    super('the process ended here');
  }
}

/** What the base holds at first. */
export const initialFiles: Readonly<Record<string, string>> = {
  'environments/production/bird-strike.yaml': 'spec:\n  model: bird-strike\n  version: 1.2.0\n',
  'environments/staging/bird-strike.yaml': 'spec:\n  model: bird-strike\n  version: 1.2.0\n',
  'models/old.yaml': 'name: old\n',
};

const production = 'environments/production/bird-strike.yaml';
const staging = 'environments/staging/bird-strike.yaml';
const key = 'promote:Deployment/production/bird-strike';

export function forgeSuite(name: string, open: () => Promise<ForgeUnderTest>): void {
  describe(`${name} as a forge`, { timeout: 120_000 }, () => {
    let subject: ForgeUnderTest;
    let forge: Forge;
    beforeEach(async () => {
      subject = await open();
      forge = subject.forge;
    }, 60_000);
    afterEach(() => subject?.close(), 60_000);

    async function draft(more: Partial<Draft> = {}): Promise<Draft> {
      return {
        key,
        on: await subject.tip(),
        changes: new Map([[production, 'spec:\n  model: bird-strike\n  version: 1.3.0\n']]),
        message: 'feat: promote bird-strike 1.3.0\n\nSwitchyard-Model: bird-strike\n',
        title: 'Promote bird-strike 1.3.0 to production',
        body: 'It is **better**.\n\n| AUC | |\n| --- | --- |\n| 0.81 | ✓ |',
        author: subject.author,
        ...more,
      };
    }

    async function read(commit: string, path: string): Promise<string | undefined> {
      const bytes = await (await subject.repository()).readFile(commit, path, 1 << 20);
      return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8');
    }

    const openOf = (wanted = key) => forge.list({ state: 'open', key: wanted, limit: 100 });
    const all = () => forge.list({ limit: 1000 });
    const approvals = async (number: number) => {
      const reviews = await forge.reviews(number);
      return reviews.filter(({ verdict }) => verdict === 'approve');
    };
    const isThe = (person: Person, by: Actor | undefined) =>
      by !== undefined && (by.email === person.email || (by.account ?? by.name) === person.account);

    describe('opening', () => {
      test('makes a branch with the change and a proposal that says what was meant', async () => {
        const base = await subject.tip();
        const opened = await forge.open(
          await draft({
            changes: new Map<string, string | Uint8Array | null>([
              [production, 'spec:\n  version: 1.3.0\n'],
              ['models/bird-strike/versions/1.3.0.bin', Uint8Array.of(0, 255, 10, 13, 0)],
              ['models/old.yaml', null],
            ]),
            labels: ['promotion'],
          }),
        );
        expect(opened).toMatchObject({
          state: 'open',
          key,
          title: 'Promote bird-strike 1.3.0 to production',
          body: 'It is **better**.\n\n| AUC | |\n| --- | --- |\n| 0.81 | ✓ |',
          base: subject.base,
          fromFork: false,
        });
        expect(Date.parse(opened.openedAt)).toBeGreaterThan(Date.now() - 3_600_000);
        expect(opened.labels.map((label) => label.name)).toEqual(['promotion']);
        expect(opened.pushes.at(-1)?.head).toBe(opened.head);
        expect(await forge.get(opened.number)).toMatchObject({ number: opened.number, head: opened.head });
        expect(await subject.tip()).toBe(base);

        await forge.fetch(opened.number);
        const repository = await subject.repository();
        const commit = await repository.commit(opened.head);
        expect(commit.parents).toEqual([base]);
        expect(commit.message.trim()).toBe(
          'feat: promote bird-strike 1.3.0\n\nSwitchyard-Model: bird-strike',
        );
        expect(await read(opened.head, production)).toBe('spec:\n  version: 1.3.0\n');
        expect(await read(opened.head, staging)).toBe(initialFiles[staging]);
        expect(await read(opened.head, 'models/old.yaml')).toBeUndefined();
        const bytes = await repository.readFile(opened.head, 'models/bird-strike/versions/1.3.0.bin', 100);
        expect([...(bytes ?? [])]).toEqual([0, 255, 10, 13, 0]);
      });

      test('answers the open proposal when the same draft comes again', async () => {
        const same = await draft();
        const first = await forge.open(same);
        const again = await (await subject.another()).open(same);
        expect(again).toMatchObject({ number: first.number, head: first.head });
        expect(await all()).toHaveLength(1);
      });

      test('refuses another draft with the key of an open proposal, and says which one that is', async () => {
        const first = await forge.open(await draft());
        const other = await draft({ changes: new Map([[production, 'spec:\n  version: 1.4.0\n']]) });
        await expect(forge.open(other)).rejects.toMatchObject({
          code: 'ProposalExists',
          number: first.number,
        });
        expect(await all()).toHaveLength(1);
        expect((await forge.get(first.number))?.head).toBe(first.head);
      });

      test('opens one for one key, however many ask at once', async () => {
        const same = await draft();
        const other = await subject.another();
        const opened = await Promise.all([forge, other, forge, other].map((one) => one.open(same)));
        expect(new Set(opened.map(({ number }) => number)).size).toBe(1);
        expect(await openOf()).toHaveLength(1);
      });

      test('opens one for each key, each with a number of its own', async () => {
        const other = await subject.another();
        const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
        const opened = await Promise.all(
          keys.map(async (one, index) =>
            (index % 2 === 0 ? forge : other).open(
              await draft({ key: one, changes: new Map([[`models/${one}.yaml`, one]]) }),
            ),
          ),
        );
        expect(new Set(opened.map(({ number }) => number)).size).toBe(keys.length);
        expect((await all()).map((one) => one.key).sort()).toEqual(keys);
      });

      test('gives a key free when its proposal was closed', async () => {
        const same = await draft();
        const first = await forge.open(same);
        await forge.close(first.number, { by: subject.author, reason: 'not now' });
        const second = await forge.open(same);
        expect(second.number).not.toBe(first.number);
        expect((await openOf()).map(({ number }) => number)).toEqual([second.number]);
      });

      test('takes any key and any title as text', async () => {
        const odd = { key: 'a/../b "c" <d> ü\n…', title: 'Ünïcode & <b>"quotes"</b> #1 $(x)' };
        const opened = await forge.open(await draft(odd));
        expect(opened).toMatchObject(odd);
        expect(await openOf(odd.key)).toHaveLength(1);
      });
    });

    describe('looking', () => {
      test('lists the highest number first, by state, by key, and no more than asked', async () => {
        const opened = [];
        for (const one of ['a', 'b', 'c']) opened.push(await forge.open(await draft({ key: one })));
        const [a, b, c] = opened.map(({ number }) => number) as [number, number, number];
        await forge.close(b, { by: subject.author, reason: 'no' });
        const numbers = async (query: Parameters<Forge['list']>[0]) =>
          (await forge.list(query)).map(({ number }) => number);
        expect(await numbers({ limit: 10 })).toEqual([c, b, a]);
        expect(await numbers({ limit: 2 })).toEqual([c, b]);
        expect(await numbers({ state: 'open', limit: 10 })).toEqual([c, a]);
        expect(await numbers({ state: 'closed', limit: 10 })).toEqual([b]);
        expect(await numbers({ state: 'open', limit: 1 })).toEqual([c]);
        expect(await numbers({ key: 'a', limit: 10 })).toEqual([a]);
        expect(await numbers({ key: 'nothing', limit: 10 })).toEqual([]);
      });

      test('has nothing at first, and no proposal of an unknown number', async () => {
        expect(await all()).toEqual([]);
        expect(await forge.get(4711)).toBeUndefined();
        const missing = { code: 'ProposalNotFound' };
        await expect(forge.comment(4711, 'plan', 'x')).rejects.toMatchObject(missing);
        await expect(forge.reviews(4711)).rejects.toMatchObject(missing);
        await expect(forge.close(4711, { by: subject.author, reason: 'x' })).rejects.toMatchObject(missing);
        await expect(forge.fetch(4711)).rejects.toMatchObject(missing);
      });
    });

    describe('updating', () => {
      test('puts a newer commit on the branch, with its own title and body', async () => {
        const first = await forge.open(await draft());
        const on = await subject.moveBase({ [staging]: 'spec:\n  version: 1.4.0\n' });
        const newer = await draft({
          on,
          changes: new Map([[production, 'spec:\n  version: 1.4.0\n']]),
          title: 'Promote bird-strike 1.4.0 to production',
          body: 'Newer.',
        });
        const updated = await forge.update(first.number, newer, first.head);
        expect(updated).toMatchObject({
          number: first.number,
          title: 'Promote bird-strike 1.4.0 to production',
          body: 'Newer.',
          state: 'open',
          key,
        });
        expect(updated.head).not.toBe(first.head);
        await forge.fetch(first.number);
        expect((await (await subject.repository()).commit(updated.head)).parents).toEqual([on]);
        expect(await read(updated.head, production)).toBe('spec:\n  version: 1.4.0\n');
        const again = await forge.update(first.number, newer, first.head);
        expect(again.head).toBe(updated.head);
        expect(await all()).toHaveLength(1);
      });

      test('changes nothing where the head is another', async () => {
        const first = await forge.open(await draft());
        const pushed = await subject.pushTo(first.number, { 'models/more.yaml': 'x' });
        const newer = await draft({ changes: new Map([[production, 'spec:\n  version: 1.4.0\n']]) });
        await expect(forge.update(first.number, newer, first.head)).rejects.toMatchObject({
          code: 'ProposalMoved',
        });
        expect(await forge.get(first.number)).toMatchObject({ head: pushed, title: first.title });
      });
    });

    describe('comments', () => {
      test('keeps one a slot, up to date', async () => {
        const { number } = await forge.open(await draft());
        await forge.comment(number, 'plan', 'first\n\n- a list\n');
        await forge.comment(number, 'alert', 'look out');
        await forge.comment(number, 'plan', 'second ✓\n\nSwitchyard-Event: merged');
        await (await subject.another()).comment(number, 'plan', 'second ✓\n\nSwitchyard-Event: merged');
        const comments = await forge.comments(number);
        expect(comments.map(({ slot, body }) => [slot, body.trim()]).sort()).toEqual([
          ['alert', 'look out'],
          ['plan', 'second ✓\n\nSwitchyard-Event: merged'],
        ]);
      });

      test('takes a long one whole', async () => {
        const { number } = await forge.open(await draft());
        const long = '| a | b |\n'.repeat(3000);
        await forge.comment(number, 'plan', long);
        expect((await forge.comments(number))[0]?.body.trim()).toBe(long.trim());
      });
    });

    describe('checks', () => {
      const check = (more: Partial<CheckReport>): CheckReport => ({
        name: 'model-card',
        outcome: 'pass',
        summary: 'complete',
        at: '2026-01-02T03:04:05Z',
        durationMs: 12,
        ...more,
      });

      test('shows the newest report of each name, on its head', async () => {
        const { number, head } = await forge.open(await draft());
        await forge.report(number, head, [check({ outcome: 'pending', summary: 'reading' })]);
        await forge.report(number, head, [
          check({ outcome: 'fail', summary: 'no licence' }),
          check({ name: 'signature', summary: 'compatible' }),
        ]);
        const shown = async (of: string) =>
          (await forge.checks(number, of))
            .map(({ name: title, outcome, summary }) => `${title}: ${outcome}, ${summary}`)
            .sort();
        expect(await shown(head)).toEqual(['model-card: fail, no licence', 'signature: pass, compatible']);
        await forge.report(number, head, [check({})]);
        expect(await shown(head)).toEqual(['model-card: pass, complete', 'signature: pass, compatible']);
        const pushed = await subject.pushTo(number, { 'models/more.yaml': 'x' });
        await forge.get(number);
        expect(await shown(pushed)).toEqual([]);
      });
    });

    describe('reviews', () => {
      test('hands out who said what about which head, oldest first', async () => {
        const { number, head } = await forge.open(await draft());
        await subject.reviewAs(number, 'request-changes', head, 'why?');
        await subject.reviewAs(number, 'approve', head, 'I see ✓');
        const reviews = await forge.reviews(number);
        expect(reviews.map(({ verdict, body }) => [verdict, body])).toEqual([
          ['request-changes', 'why?'],
          ['approve', 'I see ✓'],
        ]);
        for (const review of reviews) {
          expect(review.head).toBe(head);
          expect(isThe(subject.reviewer, review.by)).toBe(true);
          expect(Number.isNaN(Date.parse(review.at))).toBe(false);
        }
      });

      test('leaves an approval at the head that it was given for when another is pushed', async () => {
        const { number, head } = await forge.open(await draft());
        await subject.reviewAs(number, 'approve', head, '');
        const pushed = await subject.pushTo(number, { 'models/more.yaml': 'x' });
        expect((await forge.get(number))?.head).toBe(pushed);
        expect((await approvals(number)).map((review) => review.head)).toEqual([head]);
      });

      test('names all who pushed', async () => {
        const opened = await forge.open(await draft());
        const pushed = await subject.pushTo(opened.number, { 'models/more.yaml': 'x' });
        const found = await forge.get(opened.number);
        expect(found?.pushes.at(-1)?.head).toBe(pushed);
        expect(found?.pushes.length).toBeGreaterThanOrEqual(1);
      });
    });

    describe('labels', () => {
      test('says who added which, and forgets what was taken away', async () => {
        const { number } = await forge.open(await draft({ labels: ['promotion'] }));
        await subject.labelAs(number, 'break-glass', 'add');
        await subject.labelAs(number, 'break-glass', 'add');
        const labels = (await forge.get(number))?.labels ?? [];
        expect(labels.map((label) => label.name).sort()).toEqual(['break-glass', 'promotion']);
        const added = labels.find((label) => label.name === 'break-glass');
        if (added?.by !== undefined) expect(isThe(subject.reviewer, added.by)).toBe(true);
        await subject.labelAs(number, 'break-glass', 'remove');
        await subject.labelAs(number, 'never-there', 'remove');
        expect((await forge.get(number))?.labels.map((label) => label.name)).toEqual(['promotion']);
      });

      test('are added and taken away by the forge itself', async () => {
        const { number } = await forge.open(await draft());
        await forge.label(number, 'high-risk', 'add', subject.author);
        await forge.label(number, 'high-risk', 'add', subject.author);
        expect((await forge.get(number))?.labels.map((label) => label.name)).toEqual(['high-risk']);
        await forge.label(number, 'high-risk', 'remove', subject.author);
        expect((await forge.get(number))?.labels).toEqual([]);
      });

      test('are not put on a head that whoever adds them did not see', async () => {
        const { number, head } = await forge.open(await draft());
        await subject.pushTo(number, { [staging]: 'spec:\n  version: 6.6.6\n' });
        await expect(
          forge.label(number, 'break-glass', 'add', subject.author, undefined, head),
        ).rejects.toMatchObject({ code: 'ProposalMoved' });
        expect((await forge.get(number))?.labels).toEqual([]);
        const now = (await forge.get(number))!.head;
        await forge.label(number, 'break-glass', 'add', subject.author, undefined, now);
        expect((await forge.get(number))?.labels.map((label) => label.name)).toEqual(['break-glass']);
      });
    });

    describe('merging', () => {
      const merge = async (number: number, more: Partial<Parameters<Forge['merge']>[1]> = {}) => {
        const found = await forge.get(number);
        return forge.merge(number, {
          expectedHead: found?.head ?? '',
          expectedBase: await subject.tip(),
          message: `Merge proposal ${number}\n\nSwitchyard-Proposal: ${number}\nApproved-by: Grace <grace@example.org>\n`,
          by: subject.author,
          ...more,
        });
      };

      test('makes a merge commit of base and head that keeps the message and its trailers', async () => {
        const opened = await forge.open(await draft());
        const base = await subject.moveBase({ [staging]: 'spec:\n  version: 9.9.9\n' });
        const { commit } = await merge(opened.number);
        expect(await subject.tip()).toBe(commit);
        const made = await (await subject.repository()).commit(commit);
        expect(made.parents).toEqual([base, opened.head]);
        expect(made.message.trim()).toBe(
          `Merge proposal ${opened.number}\n\nSwitchyard-Proposal: ${opened.number}\nApproved-by: Grace <grace@example.org>`,
        );
        expect(await read(commit, production)).toBe('spec:\n  model: bird-strike\n  version: 1.3.0\n');
        expect(await read(commit, staging)).toBe('spec:\n  version: 9.9.9\n');
        expect(await forge.get(opened.number)).toMatchObject({ state: 'merged', mergedAs: commit });
        expect(await openOf()).toEqual([]);
        expect(await forge.list({ state: 'merged', limit: 10 })).toHaveLength(1);
      });

      test('answers the same commit when asked again', async () => {
        const opened = await forge.open(await draft());
        const base = await subject.tip();
        const first = await merge(opened.number);
        const again = await merge(opened.number, { expectedBase: base });
        expect(again.commit).toBe(first.commit);
        expect(await subject.tip()).toBe(first.commit);
      });

      test('merges once when several ask at once', async () => {
        const opened = await forge.open(await draft());
        const expectedBase = await subject.tip();
        const other = await subject.another();
        const order = { expectedHead: opened.head, expectedBase, message: 'Merge it', by: subject.author };
        const merged = await Promise.all([forge, other, forge].map((one) => one.merge(opened.number, order)));
        expect(new Set(merged.map(({ commit }) => commit)).size).toBe(1);
        const made = await (await subject.repository()).commit(await subject.tip());
        expect(made.parents).toEqual([expectedBase, opened.head]);
      });

      test('refuses a head that moved since it was judged', async () => {
        const opened = await forge.open(await draft());
        await subject.pushTo(opened.number, { 'models/more.yaml': 'x' });
        const base = await subject.tip();
        await expect(merge(opened.number, { expectedHead: opened.head })).rejects.toMatchObject({
          code: 'ProposalMoved',
        });
        expect(await subject.tip()).toBe(base);
        expect((await forge.get(opened.number))?.state).toBe('open');
      });

      test('refuses a base that moved since it was judged', async () => {
        const opened = await forge.open(await draft());
        const expectedBase = await subject.tip();
        const base = await subject.moveBase({ 'models/more.yaml': 'x' });
        await expect(merge(opened.number, { expectedBase })).rejects.toMatchObject({ code: 'ProposalMoved' });
        expect(await subject.tip()).toBe(base);
        expect((await forge.get(opened.number))?.state).toBe('open');
      });

      test('refuses a conflict', async () => {
        const opened = await forge.open(await draft());
        const base = await subject.moveBase({
          [production]: 'spec:\n  model: bird-strike\n  version: 7.7.7\n',
        });
        await expect(merge(opened.number)).rejects.toMatchObject({ code: 'MergeConflict' });
        expect(await subject.tip()).toBe(base);
        expect((await forge.get(opened.number))?.state).toBe('open');
      });

      test('refuses what was closed', async () => {
        const opened = await forge.open(await draft());
        await forge.close(opened.number, { by: subject.author, reason: 'no' });
        const base = await subject.tip();
        await expect(merge(opened.number)).rejects.toMatchObject({ code: 'ProposalClosed' });
        await expect(forge.update(opened.number, await draft(), opened.head)).rejects.toMatchObject({
          code: 'ProposalClosed',
        });
        expect(await subject.tip()).toBe(base);
      });
    });

    describe('closing', () => {
      test('is done once, and says by whom', async () => {
        const { number } = await forge.open(await draft());
        await forge.close(number, { by: subject.author, reason: 'not now' });
        await forge.close(number, { by: subject.author, reason: 'not now' });
        const closed = await forge.get(number);
        expect(closed?.state).toBe('closed');
        expect(closed?.closedBy).toBeDefined();
        expect(Number.isNaN(Date.parse(closed?.closedAt ?? ''))).toBe(false);
      });

      test('names the newer one that took its place', async () => {
        const first = await forge.open(await draft());
        const second = await forge.open(await draft({ key: 'another' }));
        await forge.close(first.number, {
          by: subject.author,
          reason: 'superseded',
          supersededBy: second.number,
        });
        expect(await forge.get(first.number)).toMatchObject({
          state: 'closed',
          supersededBy: second.number,
        });
      });

      test('refuses what was merged', async () => {
        const opened = await forge.open(await draft());
        await forge.merge(opened.number, {
          expectedHead: opened.head,
          expectedBase: await subject.tip(),
          message: 'Merge it',
          by: subject.author,
        });
        await expect(forge.close(opened.number, { by: subject.author, reason: 'no' })).rejects.toMatchObject({
          code: 'ProposalMerged',
        });
        expect((await forge.get(opened.number))?.state).toBe('merged');
      });
    });

    describe('a process that ends between two steps', () => {
      /** Dies before each step in turn and does the same again with another process, until it comes through. */
      async function dieEverywhere(
        act: (forge: Forge) => Promise<unknown>,
        prepare: () => Promise<void>,
        check: () => Promise<void>,
      ): Promise<number> {
        for (let step = 1; step < 50; step++) {
          await prepare();
          const outcome = await act(await subject.dying(step)).then(
            () => 'through' as const,
            (error: unknown) => error,
          );
          if (outcome !== 'through') expect(outcome).toBeInstanceOf(Killed);
          await act(await subject.another());
          await check();
          if (outcome === 'through') return step - 1;
        }
        throw new Error('it never came through');
      }

      test('leaves one proposal after opening again', async () => {
        let count = 0;
        let next: Draft;
        const steps = await dieEverywhere(
          (one) => one.open(next),
          async () => {
            count += 1;
            next = await draft({ key: `key ${count}`, labels: ['promotion'] });
          },
          async () => {
            const found = await openOf(next.key);
            expect(found).toHaveLength(1);
            expect(found[0]?.labels.map((label) => label.name)).toEqual(['promotion']);
            expect(await forge.list({ key: next.key, limit: 100 })).toHaveLength(1);
          },
        );
        expect(steps).toBeGreaterThan(0);
      });

      test('leaves one comment and one check after writing again', async () => {
        const { number, head } = await forge.open(await draft());
        let count = 0;
        const steps = await dieEverywhere(
          async (one) => {
            await one.comment(number, `slot-${count}`, 'the plan');
            await one.report(number, head, [
              {
                name: `check-${count}`,
                outcome: 'pass',
                summary: 'ok',
                at: '2026-01-02T03:04:05Z',
                durationMs: 1,
              },
            ]);
          },
          async () => {
            count += 1;
          },
          async () => {
            expect(await forge.comments(number)).toHaveLength(count);
            expect(await forge.checks(number, head)).toHaveLength(count);
          },
        );
        expect(steps).toBeGreaterThan(0);
      });

      test('leaves one commit on the branch after updating again', async () => {
        let count = 0;
        let first = await forge.open(await draft());
        let newer: Draft;
        const steps = await dieEverywhere(
          (one) => one.update(first.number, newer, first.head),
          async () => {
            count += 1;
            first = await forge.open(await draft({ key: `key ${count}` }));
            newer = await draft({
              key: `key ${count}`,
              title: 'Newer',
              body: 'Newer.',
              changes: new Map([[production, 'spec:\n  version: 1.4.0\n']]),
            });
          },
          async () => {
            const found = await forge.get(first.number);
            expect(found).toMatchObject({ title: 'Newer', body: 'Newer.', state: 'open' });
            await forge.fetch(first.number);
            const commit = await (await subject.repository()).commit(found?.head ?? '');
            expect(commit.parents).toEqual([newer.on]);
            expect(await read(commit.id, production)).toBe('spec:\n  version: 1.4.0\n');
          },
        );
        expect(steps).toBeGreaterThan(0);
      });

      test('leaves one merge after merging again', async () => {
        let count = 0;
        let opened = await forge.open(await draft({ key: 'first' }));
        let before = await subject.tip();
        const steps = await dieEverywhere(
          (one) =>
            one.merge(opened.number, {
              expectedHead: opened.head,
              expectedBase: before,
              message: `Merge proposal ${opened.number}\n\nSwitchyard-Proposal: ${opened.number}`,
              by: subject.author,
            }),
          async () => {
            count += 1;
            before = await subject.tip();
            opened = await forge.open(
              await draft({ key: `key ${count}`, changes: new Map([[`models/m${count}.yaml`, 'x']]) }),
            );
          },
          async () => {
            const tip = await subject.tip();
            const commit = await (await subject.repository()).commit(tip);
            expect(commit.parents).toEqual([before, opened.head]);
            expect(await forge.get(opened.number)).toMatchObject({ state: 'merged', mergedAs: tip });
          },
        );
        expect(steps).toBeGreaterThan(0);
      });

      test('leaves it closed once after closing again', async () => {
        let opened = await forge.open(await draft({ key: 'first' }));
        let count = 0;
        const steps = await dieEverywhere(
          (one) => one.close(opened.number, { by: subject.author, reason: 'no' }),
          async () => {
            count += 1;
            opened = await forge.open(await draft({ key: `key ${count}` }));
          },
          async () => {
            expect((await forge.get(opened.number))?.state).toBe('closed');
            expect(await openOf(`key ${count}`)).toEqual([]);
          },
        );
        expect(steps).toBeGreaterThan(0);
      });
    });
  });
}
