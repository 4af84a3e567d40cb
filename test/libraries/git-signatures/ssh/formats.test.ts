import { describe, expect, it } from 'vitest';
import { verifyCommit, verifyMessage, verifyTag } from '../../../../libraries/git-signatures/ssh/index.ts';
import * as handmade from './handmade.ts';
import { commitPayload, noon, withSignature } from './workshop.ts';

const key = handmade.ed25519Key();
const allowedSigners = `alice ${key.line}`;
const sha1 = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

function tagPayload(headers: string): Buffer {
  return Buffer.from(`object ${sha1}\ntype commit\ntag v1\n${headers}\nrelease\n`);
}

function signedTag(payload: Buffer): Buffer {
  return Buffer.concat([payload, Buffer.from(handmade.signMessage(key, payload))]);
}

describe('commits', () => {
  it('of a SHA-256 repository are verified by their own header, and the other is left out', () => {
    const payload = commitPayload({ tree: 'ab'.repeat(32) });
    const own = withSignature(payload, handmade.signMessage(key, payload), 'gpgsig-sha256');
    expect(verifyCommit({ object: own, allowedSigners }).verdict).toBe('good');
    const both = withSignature(own, handmade.signMessage(key, Buffer.from('the SHA-1 twin')));
    expect(verifyCommit({ object: both, allowedSigners }).verdict).toBe('good');
    const wrong = withSignature(payload, handmade.signMessage(key, payload));
    expect(verifyCommit({ object: wrong, allowedSigners }).verdict).toBe('unsigned');
  });

  const author = 'author A <a@b> 1 +0000\n';
  const committer = 'committer A <a@b> 1 +0000\n';
  it.each([
    ['nothing', ''],
    ['no end of the headers', `tree ${sha1}\n${author}${committer}`],
    ['no tree', `${author}${committer}\n`],
    ['a tree that is not an object name', `tree 123\n${author}${committer}\n`],
    ['no author', `tree ${sha1}\n${committer}\n`],
    ['no committer', `tree ${sha1}\n${author}\n`],
    ['a committer without a time', `tree ${sha1}\n${author}committer A <a@b>\n\n`],
    [
      'a committer of a time beyond all times',
      `tree ${sha1}\n${author}committer A <a@b> ${'9'.repeat(30)} +0000\n\n`,
    ],
    ['two committers', `tree ${sha1}\n${author}${committer}${committer}\n`],
    ['a parent after the committer', `tree ${sha1}\n${author}${committer}parent ${sha1}\n\n`],
    ['a continuation line at the beginning', ` tree ${sha1}\n${author}${committer}\n`],
    ['a NUL in the headers', `tree ${sha1}\n${author}${committer}x \0\n\n`],
    ['a signature header without a value', `tree ${sha1}\n${author}${committer}gpgsig\n\n`],
    ['a signature header that is not known', `tree ${sha1}\n${author}${committer}gpgsig-md5 x\n\n`],
    ['two signatures', `tree ${sha1}\n${author}${committer}gpgsig x\ngpgsig x\n\n`],
  ])('are bad with %s', (_name, text) => {
    const answer = verifyCommit({ object: Buffer.from(text), allowedSigners });
    expect(answer).toMatchObject({ verdict: 'bad', principals: [] });
    expect(answer.reason).toMatch(/^the (commit|committer|object) /);
  });
});

describe('tags', () => {
  it('without a tagger need a time from whoever asks', () => {
    const object = signedTag(tagPayload(''));
    expect(verifyTag({ object, allowedSigners })).toMatchObject({
      verdict: 'bad',
      reason: 'the tag does not say when it was made',
    });
    expect(verifyTag({ object, allowedSigners, at: noon }).verdict).toBe('good');
  });

  it('are valid at the tagger’s time', () => {
    const object = signedTag(tagPayload(`tagger A <a@b> ${noon} +0000\n`));
    const until = `alice valid-before="20240701Z" ${key.line}`;
    expect(verifyTag({ object, allowedSigners }).verdict).toBe('good');
    expect(verifyTag({ object, allowedSigners: until }).verdict).toBe('expired');
  });

  it('have one signature, the last, and leave the header of the other format out', () => {
    const payload = tagPayload(`tagger A <a@b> ${noon} +0000\n`);
    const twice = signedTag(signedTag(payload));
    expect(verifyTag({ object: twice, allowedSigners }).verdict).toBe('good');
    const other = withSignature(signedTag(payload), handmade.signMessage(key, payload), 'gpgsig-sha256');
    expect(verifyTag({ object: other, allowedSigners }).verdict).toBe('good');
  });

  it.each([
    ['no object', 'type commit\ntag v1\n\nx\n'],
    ['an object that is not one', 'object main\ntype commit\ntag v1\n\nx\n'],
    ['two taggers', tagPayload('tagger A <a@b> 1 +0000\ntagger A <a@b> 1 +0000\n').toString()],
    ['a tagger without a time', tagPayload('tagger A <a@b>\n').toString()],
  ])('are bad with %s', (_name, text) => {
    expect(verifyTag({ object: Buffer.from(text), allowedSigners }).verdict).toBe('bad');
  });

  it('signed otherwise are told apart', () => {
    const payload = tagPayload(`tagger A <a@b> ${noon} +0000\n`);
    const object = Buffer.concat([
      payload,
      Buffer.from('-----BEGIN PGP SIGNATURE-----\n\nx\n-----END PGP SIGNATURE-----\n'),
    ]);
    expect(verifyTag({ object, allowedSigners })).toMatchObject({
      verdict: 'unsupported',
      reason: expect.stringContaining('OpenPGP'),
    });
  });
});

describe('keys and signatures', () => {
  const message = Buffer.from('a message');
  function verify(
    blob: Buffer,
    content: Buffer,
    signature = handmade.signMessage({ blob, line: '', sign: () => content }, message),
  ) {
    return verifyMessage({ message, signature, namespace: 'git', allowedSigners, at: noon });
  }
  const parts = (...content: (string | Uint8Array)[]) =>
    Buffer.concat(content.map((part) => handmade.string(part)));
  const nothing = parts('ssh-ed25519', Buffer.alloc(64));
  const point = Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 1)]);
  const numbers = (r: Buffer, s: Buffer) => parts('ecdsa-sha2-nistp256', Buffer.concat([r, s]));
  const ecdsa = parts('ecdsa-sha2-nistp256', 'nistp256', point);
  const one = handmade.mpint(Buffer.from([1]));

  it.each([
    ['a DSA key', parts('ssh-dss', 'x'), nothing, 'unsupported', /'ssh-dss'/],
    ['an Ed448 key', parts('ssh-ed448', Buffer.alloc(57)), nothing, 'unsupported', /'ssh-ed448'/],
    ['a short Ed25519 key', parts('ssh-ed25519', Buffer.alloc(31)), nothing, 'bad', /32 bytes/],
    ['a key with trailing bytes', Buffer.concat([key.blob, Buffer.alloc(1)]), nothing, 'bad', /trailing/],
    [
      'an ECDSA key of another curve',
      parts('ecdsa-sha2-nistp256', 'nistp384', point),
      nothing,
      'bad',
      /curve/,
    ],
    [
      'a compressed point',
      parts('ecdsa-sha2-nistp256', 'nistp256', Buffer.alloc(33, 2)),
      nothing,
      'bad',
      /uncompressed/,
    ],
    ['a point off its curve', ecdsa, numbers(one, one), 'bad', /not a valid key/],
    [
      'an ECDSA number with needless zeros',
      ecdsa,
      numbers(handmade.string(Buffer.from([0, 1])), one),
      'bad',
      /needless/,
    ],
    ['a negative ECDSA number', ecdsa, numbers(handmade.string(Buffer.from([128])), one), 'bad', /positive/],
    ['an ECDSA number that is zero', ecdsa, numbers(handmade.string(''), one), 'bad', /positive/],
    [
      'an ECDSA number beyond the curve',
      ecdsa,
      numbers(handmade.mpint(Buffer.alloc(33, 1)), one),
      'bad',
      /too large/,
    ],
    [
      'a WebAuthn signature',
      ecdsa,
      parts('webauthn-sk-ecdsa-sha2-nistp256@openssh.com', ''),
      'unsupported',
      /WebAuthn/,
    ],
    [
      'a signature of another type than the key',
      key.blob,
      parts('ssh-rsa', Buffer.alloc(64)),
      'bad',
      /does not sign as/,
    ],
    ['a short Ed25519 signature', key.blob, parts('ssh-ed25519', Buffer.alloc(63)), 'bad', /64 bytes/],
    [
      'an RSA modulus beyond 16384 bits',
      Buffer.concat([
        parts('ssh-rsa'),
        handmade.mpint(Buffer.from([3])),
        handmade.mpint(Buffer.alloc(2049, 1)),
      ]),
      nothing,
      'bad',
      /modulus/,
    ],
    [
      'an RSA exponent beyond 64 bits',
      Buffer.concat([parts('ssh-rsa'), handmade.mpint(Buffer.alloc(9, 1)), one]),
      nothing,
      'bad',
      /exponent/,
    ],
    ['a name that is not text', parts(Buffer.from([0xff, 0xfe])), nothing, 'bad', /not text/],
  ])('%s', (_name, blob, content, verdict, reason) => {
    const answer = verify(blob, content);
    expect(answer.verdict).toBe(verdict);
    expect(answer.reason).toMatch(reason);
  });

  it('takes RSA signatures whose leading zeros were left out (RFC 8332), and none that are too long', () => {
    const rsa = handmade.rsaKey('rsa-sha2-512', 'sha512');
    let found = false;
    for (let counter = 0; counter < 5000 && !found; counter++) {
      const text = Buffer.from(`message ${counter}`);
      const padded = rsa.sign(signedBytes(text));
      const raw = padded.subarray(-256);
      if (raw[0] !== 0) continue;
      found = true;
      const ask = (content: Buffer) =>
        verifyMessage({
          message: text,
          signature: handmade.signMessage({ ...rsa, sign: () => parts('rsa-sha2-512', content) }, text),
          namespace: 'git',
          allowedSigners: `alice ${rsa.line}`,
          at: noon,
        }).verdict;
      expect(ask(raw)).toBe('good');
      expect(ask(raw.subarray(1))).toBe('good');
      expect(ask(Buffer.concat([Buffer.alloc(1), raw]))).toBe('bad');
    }
    expect(found).toBe(true);
  });

  it.each([
    ['', /begin with the line/],
    ['-----BEGIN SSH SIGNATURE-----\n', /end with the line/],
    ['-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----\n', /base64/],
    ['-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n', /cut off/],
    [handmade.armored(Buffer.from('NOTSIG\0\0\0\x01')), /preamble/],
    [handmade.signMessage(key, message, { namespace: '' }), /empty namespace/],
    [handmade.signMessage(key, message).replaceAll('\n', '\r\n'), /begin with the line/],
    [`\n${handmade.signMessage(key, message)}`, /begin with the line/],
  ])('refuses the armor %j', (signature, reason) => {
    const answer = verify(key.blob, nothing, signature);
    expect(answer.verdict).toBe('bad');
    expect(answer.reason).toMatch(reason);
  });
});

/** What signMessage lets a key sign. */
function signedBytes(message: Buffer): Buffer {
  let bytes = Buffer.alloc(0);
  const sign = (data: Buffer) => {
    bytes = Buffer.from(data);
    return data;
  };
  handmade.signMessage({ blob: key.blob, line: '', sign }, message);
  return bytes;
}
