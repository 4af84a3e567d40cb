import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Verdict,
  verifyCommit,
  verifyMessage,
  verifyTag,
} from '../../../../libraries/git-signatures/openpgp/index.ts';
import { commitPayload, noon, Workshop, whyNoOracle, withSignature } from './workshop.ts';

if (whyNoOracle !== undefined) console.warn(whyNoOracle);

describe.skipIf(whyNoOracle !== undefined)('objects that git and gpg make', () => {
  const workshop = new Workshop();
  let alice: string;
  let bob: string;
  let keyring: string;

  beforeAll(() => {
    alice = workshop.key('Alice <alice@example.com>', 'ed25519');
    bob = workshop.key('Bob <bob@example.com>', 'rsa2048');
    keyring = workshop.exported(alice);
  });
  afterAll(() => workshop.close());

  it.each(['sha1', 'sha256'] as const)(
    'are good: a commit and a tag of git itself, with %s names',
    (format) => {
      const folder = workshop.repository(format);
      const git = (...words: string[]) =>
        workshop.run('git', ['-C', folder, '-c', `user.signingKey=${alice}`, ...words], undefined, {
          GNUPGHOME: workshop.home,
        });
      git('commit', '-q', '-S', '--allow-empty', '-m', 'feat: promote fraud 1.4.0');
      git('tag', '-s', '-m', 'release', 'v1');
      git('tag', '-a', '-m', 'unsigned', 'v0');
      const at = Math.floor(Date.now() / 1000) + 60;
      const commit = workshop.object(folder, 'main');
      const tag = workshop.object(folder, 'v1');
      const fingerprint = alice;
      expect(verifyCommit({ object: commit, keyring, email: 'alice@example.com' })).toMatchObject({
        verdict: 'good',
        fingerprint,
      });
      expect(verifyTag({ object: tag, keyring })).toMatchObject({ verdict: 'good', fingerprint });
      expect(workshop.askGit(folder, 'main', { keyring, at }).isGood).toBe(true);
      expect(workshop.askGit(folder, 'v1', { keyring, at }, 'verify-tag').isGood).toBe(true);
      expect(verifyTag({ object: workshop.object(folder, 'v0'), keyring }).verdict).toBe('unsigned');
      expect(verifyTag({ object: commit, keyring }).verdict).toBe('bad');
      expect(verifyCommit({ object: tag, keyring }).verdict).toBe('bad');
    },
  );

  it('are read as git does: tags with two signatures, other headers, and none of a tagger', () => {
    const folder = workshop.repository();
    const text = (tagger: string) =>
      Buffer.from(`object ${'4'.repeat(40)}\ntype commit\ntag v1\n${tagger}\nrelease\n`);
    const payload = text(`tagger Alice <alice@example.com> ${noon} +0000\n`);
    const sign = (key: string, content: Buffer) =>
      Buffer.concat([content, Buffer.from(workshop.sign(key, content))]);
    const once = sign(alice, payload);
    const tags: [Buffer, Verdict][] = [
      [once, 'good'],
      [sign(alice, once), 'good'],
      [sign(bob, once), 'untrusted'],
      [sign(alice, text('')), 'bad'],
      [withSignature(once, workshop.sign(bob, payload), 'gpgsig-sha256'), 'good'],
      [Buffer.from(once.toString().replace('release', 'Release')), 'bad'],
      [Buffer.concat([once, Buffer.from('more\n')]), 'bad'],
    ];
    for (const [object, verdict] of tags) {
      const ours = verifyTag({ object, keyring, at: noon });
      const git = workshop.askGit(folder, workshop.store(folder, 'tag', object), { keyring }, 'verify-tag');
      expect(ours.verdict, ours.reason).toBe(verdict);
      // gpg passes over what stands behind the armor.
      if (!object.includes('more')) expect(git.isGood, git.output).toBe(verdict === 'good');
    }
  });

  it('are refused where Git lets one header hide another', () => {
    const folder = workshop.repository();
    const payload = commitPayload();
    const armor = workshop.sign(alice, payload);
    const good = withSignature(payload, armor);
    const objects: [Buffer, Verdict][] = [
      [withSignature(good, armor), 'bad'],
      [withSignature(good, armor, 'gpgsig-sha512'), 'bad'],
      [withSignature(payload, armor, 'gpgsig-sha256'), 'unsigned'],
      [
        Buffer.from(good.toString().replace('gpgsig ', 'author Eve <eve@example.com> 1 +0000\ngpgsig ')),
        'bad',
      ],
    ];
    for (const [object, verdict] of objects) {
      expect(verifyCommit({ object, keyring, at: noon }).verdict).toBe(verdict);
    }
    expect(workshop.askGit(folder, workshop.store(folder, 'commit', good), { keyring }).isGood).toBe(true);
  });

  it('are the same to gpg: detached signatures of bytes and of texts', () => {
    const texts = ['a\nb\n', 'a\r\nb\r\n', 'no end', 'trailing \t \nspaces ', '\n\n', 'a\rb\r\nc', ''];
    for (const text of texts) {
      const message = Buffer.from(text);
      for (const options of [[], ['--textmode']]) {
        const signature = workshop.sign(alice, message, { options });
        for (const asked of [message, Buffer.from(text.replace(/\r?\n/g, '\r\n')), Buffer.from(`${text}x`)]) {
          const ours = verifyMessage({ message: asked, signature, keyring, at: noon });
          const gpg = workshop.askGpg(asked, signature, keyring);
          expect(
            ours.verdict === 'good',
            `${JSON.stringify(text)} ${options} ${ours.reason}\n${gpg.output}`,
          ).toBe(gpg.isGood);
        }
      }
    }
  });
});
