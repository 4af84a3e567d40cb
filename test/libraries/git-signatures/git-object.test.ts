import { describe, expect, it } from 'vitest';
import { splitCommit, splitTag } from '../../../libraries/git-signatures/git-object.ts';
import * as openPgp from '../../../libraries/git-signatures/openpgp/index.ts';
import * as ssh from '../../../libraries/git-signatures/ssh/index.ts';
import * as openPgpKeys from './openpgp/handmade.ts';
import { commitPayload, noon, withSignature } from './openpgp/workshop.ts';
import * as sshKeys from './ssh/handmade.ts';

const sshKey = sshKeys.ed25519Key();
const openPgpKey = openPgpKeys.ed25519Key();
const allowedSigners = `alice ${sshKey.line}`;
const keyring = openPgpKeys.publicKeys(openPgpKeys.certificate(openPgpKey));

const sha1 = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
const tagPayload = Buffer.from(
  `object ${sha1}\ntype commit\ntag v1\ntagger Alice <alice@example.com> ${noon} +0000\n\nrelease\n`,
);

/** What signs some bytes in each of the formats. */
const signers: [string, (payload: Buffer) => string][] = [
  ['SSH', (payload) => sshKeys.signMessage(sshKey, payload)],
  ['OpenPGP', (payload) => openPgpKeys.signMessage(openPgpKey, payload)],
];

describe('a signed Git object', () => {
  it.each(signers)('is taken apart in one way: signed with %s', (_format, sign) => {
    const payload = commitPayload();
    const armor = sign(payload);
    const commit = withSignature(withSignature(payload, 'of the other format', 'gpgsig-sha256'), armor);
    expect(texts(splitCommit(commit))).toEqual({ payload: payload.toString(), signature: armor });
    const ofTag = sign(tagPayload);
    const tag = Buffer.concat([tagPayload, Buffer.from(ofTag)]);
    expect(texts(splitTag(tag))).toEqual({ payload: tagPayload.toString(), signature: ofTag });
  });

  it('is believed by the format that signed it, and by no other', () => {
    const verdicts = signers.map(([, sign]) => {
      const object = withSignature(commitPayload(), sign(commitPayload()));
      return verdictsOf(object).map(({ verdict }) => verdict);
    });
    expect(verdicts).toEqual([
      ['good', 'unsupported'],
      ['unsupported', 'good'],
    ]);
  });

  const author = 'author A <a@b> 1 +0000\n';
  const committer = 'committer A <a@b> 1 +0000\n';
  it.each([
    ['without a tree', `${author}${committer}\n`],
    ['with two committers', `tree ${sha1}\n${author}${committer}${committer}\n`],
    ['with two signatures', `tree ${sha1}\n${author}${committer}gpgsig x\ngpgsig x\n\n`],
    ['with an unknown signature header', `tree ${sha1}\n${author}${committer}gpgsig-md5 x\n\n`],
    ['without an end of its headers', `tree ${sha1}\n${author}${committer}`],
  ])('is refused for the same reason, whoever is asked: %s', (_name, text) => {
    const [one, other] = verdictsOf(Buffer.from(text));
    expect(one).toMatchObject({ verdict: 'bad', reason: expect.stringMatching(/^the (commit|object) /) });
    expect(other).toEqual(one);
  });
});

function texts({ payload, signature }: ReturnType<typeof splitCommit>): Record<string, string | undefined> {
  return { payload: payload.toString(), signature: signature?.toString() };
}

function verdictsOf(object: Buffer): { readonly verdict: string; readonly reason: string }[] {
  const answers = [
    ssh.verifyCommit({ object, allowedSigners, at: noon }),
    openPgp.verifyCommit({ object, keyring, at: noon }),
  ];
  return answers.map(({ verdict, reason }) => ({ verdict, reason }));
}
