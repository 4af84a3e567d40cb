import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CheckReport, Draft } from '../../../core/capabilities/forge.ts';
import { openRepository } from '../../../libraries/git/open-repository.ts';
import type { Repository } from '../../../libraries/git/repository.ts';
import { formatMessage, readEventTrailers } from '../../../plugins/forge-git/event-message.ts';
import { GitForge } from '../../../plugins/forge-git/git-forge.ts';
import { ada, type ForgeWorld, forgeWorld, grace } from './forge-world.ts';

describe('the events of a proposal', () => {
  let world: ForgeWorld;
  beforeEach(async () => {
    world = await forgeWorld('native');
  });
  afterEach(() => world.close());

  async function draft(more: Partial<Draft> = {}): Promise<Draft> {
    return {
      key: 'promote:Deployment/production/bird-strike',
      on: await world.tip(),
      changes: new Map([['models/a.yaml', 'name: a\n']]),
      message: 'feat: a',
      title: 'Promote bird-strike 1.3.0',
      body: 'Better.',
      author: ada,
      ...more,
    };
  }

  const log = (number: number, format: string) =>
    world.real.git('log', `--format=${format}`, `refs/proposals/${number}/meta`);
  const events = (number: number) =>
    Number(world.real.git('rev-list', '--count', `refs/proposals/${number}/meta`));

  it('are read with plain git log and git show', async () => {
    const { number, head } = await world.forge.open(await draft());
    await world.forge.comment(number, 'plan', 'Two steps.');
    await world.forge.review(number, { verdict: 'approve', head, body: 'I looked at the card.', by: grace });
    const short = head.slice(0, 12);
    expect(log(number, '%an: %s').split('\n')).toEqual([
      `Grace: Approve ${short}`,
      'Switchyard: Comment: plan',
      'Ada: Open: Promote bird-strike 1.3.0',
    ]);
    const trailer = (name: string) => `%(trailers:key=Switchyard-${name},valueonly,separator=)`;
    const root = world.real.git('rev-list', '--max-parents=0', `refs/proposals/${number}/meta`);
    expect(
      world.real.git(
        'log',
        '-1',
        `--format=${trailer('Verdict')} ${trailer('Head')} ${trailer('Proposal-Id')}`,
        `refs/proposals/${number}/meta`,
      ),
    ).toBe(`approve ${head} ${root}`);
    expect(log(number, '%b')).toContain('I looked at the card.');
    const file = JSON.parse(world.real.git('show', `refs/proposals/${number}/meta:event.json`)) as unknown;
    expect(file).toEqual({ version: 1, event: 'reviewed', body: 'I looked at the card.' });
  });

  it('are not made more by a check that is reported many times a minute', async () => {
    const { number, head } = await world.forge.open(await draft());
    const report = (more: Partial<CheckReport>): CheckReport => ({
      ...{ name: 'latency', outcome: 'pending', summary: '0 %', at: new Date().toISOString(), durationMs: 0 },
      ...more,
    });
    for (let percent = 0; percent < 20; percent++)
      await world.forge.report(number, head, [report({ summary: `${percent} %` })]);
    expect(events(number)).toBe(2);
    for (let durationMs = 1; durationMs < 10; durationMs++)
      await world.forge.report(number, head, [report({ outcome: 'pass', summary: '3 ms', durationMs })]);
    expect(events(number)).toBe(3);
    expect(await world.forge.checks(number, head)).toMatchObject([
      { outcome: 'pass', summary: '3 ms', durationMs: 1 },
    ]);
  });

  it('refuses a text that is too long, and writes nothing', async () => {
    const { number } = await world.forge.open(await draft());
    const long = 'x'.repeat(5 * 1024 * 1024);
    await expect(world.forge.comment(number, 'plan', long)).rejects.toMatchObject({ code: 'ForgeRefused' });
    expect(events(number)).toBe(1);
  });

  describe('read by the next process', () => {
    let folder: string;
    beforeEach(() => {
      folder = join(world.folder, 'state');
      mkdirSync(folder);
    });

    /** A forge that counts how many commits of events it reads. */
    async function next(): Promise<{ readonly forge: GitForge; reads(): number; stop(): Promise<void> }> {
      const repository = await openRepository(world.real.path);
      let count = 0;
      const counting = new Proxy<Repository>(repository, {
        get(target, name) {
          if (name === 'rawCommit') count += 1;
          const value: unknown = Reflect.get(target, name);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      });
      const forge = new GitForge({ repository: counting, base: 'refs/heads/main', folder });
      return {
        forge,
        reads: () => count,
        async stop() {
          await forge.stop();
          await repository.close();
        },
      };
    }

    it('are read from an index, but for what is new', async () => {
      const { number, head } = await world.forge.open(await draft());
      await world.forge.review(number, { verdict: 'approve', head, body: 'yes', by: grace });
      await world.forge.comment(number, 'plan', 'one');
      const first = await next();
      const listed = await first.forge.list({ limit: 10 });
      expect(first.reads()).toBe(3);
      await first.stop();

      await world.forge.comment(number, 'plan', 'two');
      const second = await next();
      expect(await second.forge.list({ limit: 10 })).toMatchObject([
        { ...listed[0], updatedAt: expect.anything() as unknown },
      ]);
      expect(second.reads()).toBe(1);
      expect(await second.forge.reviews(number)).toMatchObject([
        { verdict: 'approve', body: 'yes', by: grace },
      ]);
      expect(await second.forge.comments(number)).toMatchObject([{ slot: 'plan', body: 'two' }]);
      expect(second.reads()).toBe(1);
      await second.stop();
    });

    it.each([
      '',
      'garbage',
      '000000000013{"version":0}',
      '000000000002[]',
      '000000000004null',
      '000000000099{}',
    ])('are read anew where the index is %j', async (content) => {
      const { number } = await world.forge.open(await draft());
      writeFileSync(join(folder, 'proposals.index'), content);
      const { forge, stop } = await next();
      expect(await forge.list({ limit: 10 })).toMatchObject([{ number, title: 'Promote bird-strike 1.3.0' }]);
      await stop();
      expect(readFileSync(join(folder, 'proposals.index'), 'utf8')).toContain('Promote bird-strike');
    });

    it('are read from the index that a process began with, whoever replaces it', async () => {
      const { number, head } = await world.forge.open(await draft());
      await world.forge.review(number, { verdict: 'approve', head, body: 'yes', by: grace });
      const first = await next();
      await first.forge.list({ limit: 10 });
      await first.stop();

      const second = await next();
      await second.forge.list({ limit: 10 });
      const third = await next();
      for (let count = 0; count < 20; count++) await third.forge.comment(number, `slot-${count}`, 'text');
      await third.forge.list({ limit: 10 });
      await third.stop();
      writeFileSync(join(folder, 'proposals.index'), 'garbage');
      expect(await second.forge.reviews(number)).toMatchObject([{ verdict: 'approve', body: 'yes' }]);
      expect(await second.forge.comments(number)).toHaveLength(20);
      expect(second.reads()).toBe(20);
      await second.stop();
    });

    it('are read anew after the base was rewritten', async () => {
      const opened = await world.forge.open(await draft());
      const order = { expectedHead: opened.head, expectedBase: await world.tip(), message: 'Merge', by: ada };
      await world.forge.merge(opened.number, order);
      const first = await next();
      expect((await first.forge.get(opened.number))?.state).toBe('merged');
      await first.stop();
      world.real.git('update-ref', 'refs/heads/main', order.expectedBase);
      const second = await next();
      expect((await second.forge.get(opened.number))?.state).toBe('open');
      await second.stop();
    });
  });
});

describe('trailers', () => {
  it('come back as they were written, whatever the text around them', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 60 });
    fc.assert(
      fc.property(
        text,
        text,
        fc.array(
          text.filter((one) => one !== ''),
          { minLength: 1, maxLength: 4 },
        ),
        (subject, body, values) => {
          const message = formatMessage(`x${subject}`, body, [
            ['Event', 'opened'],
            ...values.map((value) => ['Label', value] as const),
          ]);
          const trailers = readEventTrailers(message);
          expect(trailers.get('Event')).toEqual(['opened']);
          expect(trailers.get('Label')).toEqual(values);
        },
      ),
    );
  });

  it('are not taken from the text', () => {
    const text = 'Look:\n\nSwitchyard-Event: merged\n\nSwitchyard-Head: 1';
    expect(readEventTrailers(formatMessage('x', text, [['Event', 'commented']]))).toEqual(
      new Map([['Event', ['commented']]]),
    );
    expect(readEventTrailers('x\n\nSwitchyard-Event: merged\nand so on\n')).toEqual(new Map());
  });
});
