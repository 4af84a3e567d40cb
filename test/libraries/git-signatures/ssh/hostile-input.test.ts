import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  parseAllowedSigners,
  parseRevokedKeys,
  SignerFileError,
  type Verification,
  verifyCommit,
  verifyMessage,
  verifyTag,
} from '../../../../libraries/git-signatures/ssh/index.ts';
import * as handmade from './handmade.ts';
import { commitPayload, noon, withSignature } from './workshop.ts';

const authority = handmade.ed25519Key();
const signers: Record<string, { key: handmade.HandmadeKey; allowedSigners: string }> = {};
for (const [name, key] of Object.entries({
  Ed25519: handmade.ed25519Key(),
  RSA: handmade.rsaKey('rsa-sha2-512', 'sha512'),
  'Ed25519 security key': handmade.ed25519SecurityKey(),
  'ECDSA security key': handmade.ecdsaSecurityKey(),
})) {
  signers[name] = { key, allowedSigners: `alice ${key.line}` };
}
signers.certificate = {
  key: handmade.certify(authority, handmade.ed25519Key(), { principals: ['alice'] }),
  allowedSigners: `alice cert-authority ${authority.line}`,
};

function signedCommit(key: handmade.HandmadeKey): Buffer {
  const payload = commitPayload();
  return withSignature(payload, handmade.signMessage(key, payload));
}

/** Where the lines of its base64 break is the one freedom that a signature has. */
function withoutLineBreaks(object: Buffer): string {
  return object.toString('latin1').replaceAll('\n ', '');
}

describe.each(Object.entries(signers))('a commit signed by %s', (_name, { key, allowedSigners }) => {
  const object = signedCommit(key);
  const trust = parseAllowedSigners(allowedSigners);

  it('is good as it is', () => {
    expect(verifyCommit({ object, allowedSigners: trust }).verdict).toBe('good');
  });

  it('is not good with any one byte flipped, by one bit or by all', () => {
    const good: number[] = [];
    for (let at = 0; at < object.length; at++) {
      for (const mask of [1 << (at & 7), 0xff]) {
        const flipped = Buffer.from(object);
        flipped.writeUInt8(flipped.readUInt8(at) ^ mask, at);
        if (verifyCommit({ object: flipped, allowedSigners: trust }).verdict === 'good') good.push(at);
      }
    }
    expect(good).toEqual([]);
  });

  it('is not good with bytes replaced, removed or put in', () => {
    fc.assert(
      fc.property(
        fc.nat(object.length - 1),
        fc.nat(3),
        fc.uint8Array({ maxLength: 3 }),
        (at, removed, added) => {
          const changed = Buffer.concat([object.subarray(0, at), added, object.subarray(at + removed)]);
          fc.pre(withoutLineBreaks(changed) !== withoutLineBreaks(object));
          expect(verifyCommit({ object: changed, allowedSigners: trust }).verdict).not.toBe('good');
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('is not good with one bit flipped in the signature’s blob, however it is armored again', () => {
    const message = commitPayload();
    const [, ...lines] = handmade.signMessage(key, message).trim().split('\n');
    const blob = Buffer.from(lines.slice(0, -1).join(''), 'base64');
    const verify = (bytes: Buffer): Verification =>
      verifyMessage({
        message,
        signature: handmade.armored(bytes),
        namespace: 'git',
        allowedSigners: trust,
        at: noon,
      });
    expect(verify(blob).verdict).toBe('good');
    const good: number[] = [];
    for (let bit = 0; bit < blob.length * 8; bit++) {
      const flipped = Buffer.from(blob);
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      if (verify(flipped).verdict === 'good') good.push(bit);
    }
    expect(good).toEqual([]);
    for (let length = 0; length < blob.length; length++) {
      expect(verify(blob.subarray(0, length)).verdict).not.toBe('good');
    }
  });
});

describe('hostile input', () => {
  const { key, allowedSigners } = signers.Ed25519 as { key: handmade.HandmadeKey; allowedSigners: string };
  const verdicts = ['unsigned', 'untrusted', 'bad', 'unsupported'];

  it('never makes verifying throw: random bytes as object, armor and blob', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        const blob = Buffer.concat([Buffer.from('SSHSIG\0\0\0\x01'), bytes]);
        for (const signature of [Buffer.from(bytes).toString('latin1'), handmade.armored(blob)]) {
          const object = withSignature(commitPayload(), signature.replaceAll('\n\n', '\n'));
          expect(verdicts).toContain(verifyCommit({ object, allowedSigners }).verdict);
        }
        expect(verdicts).toContain(verifyCommit({ object: bytes, allowedSigners }).verdict);
        expect(verdicts).toContain(verifyTag({ object: bytes, allowedSigners }).verdict);
      }),
      { numRuns: 2000 },
    );
  });

  it('never makes verifying throw: keys and signatures of a right shape with random content', () => {
    const bytes = fc.uint8Array({ maxLength: 300 }).map((content) => Buffer.from(content));
    const mpint = fc.uint8Array({ minLength: 1, maxLength: 300 }).map((content) => handmade.mpint(content));
    const prefixed = fc.uint8Array({ minLength: 64, maxLength: 64 }).map((xy) => Buffer.from([4, ...xy]));
    const blobs = fc.oneof(
      fc.tuple(mpint, mpint).map((numbers) => Buffer.concat([handmade.string('ssh-rsa'), ...numbers])),
      fc
        .tuple(fc.constantFrom(3, 65537), fc.uint8Array({ minLength: 256, maxLength: 256 }))
        .map(([e, n]) =>
          Buffer.concat([handmade.string('ssh-rsa'), handmade.mpint(handmade.uint32(e)), handmade.mpint(n)]),
        ),
      prefixed.map((point) =>
        Buffer.concat(['ecdsa-sha2-nistp256', 'nistp256', point].map((part) => handmade.string(part))),
      ),
      fc
        .uint8Array({ minLength: 32, maxLength: 32 })
        .map((point) => Buffer.concat([handmade.string('ssh-ed25519'), handmade.string(point)])),
    );
    const signature = fc.oneof(
      bytes,
      fc
        .tuple(fc.constantFrom('rsa-sha2-512', 'rsa-sha2-256'), fc.uint8Array({ maxLength: 256 }))
        .map((parts) => Buffer.concat(parts.map((part) => handmade.string(part)))),
      fc
        .tuple(mpint, mpint)
        .map((numbers) =>
          Buffer.concat([handmade.string('ecdsa-sha2-nistp256'), handmade.string(Buffer.concat(numbers))]),
        ),
      fc
        .uint8Array({ minLength: 64, maxLength: 64 })
        .map((raw) => Buffer.concat([handmade.string('ssh-ed25519'), handmade.string(raw)])),
    );
    fc.assert(
      fc.property(blobs, signature, (blob, content) => {
        const armor = handmade.signMessage({ blob, line: '', sign: () => content }, commitPayload());
        const answer = verifyCommit({ object: withSignature(commitPayload(), armor), allowedSigners });
        expect(['bad', 'unsupported']).toContain(answer.verdict);
      }),
      { numRuns: 2000 },
    );
  });

  it('in a trusted file is a SignerFileError and nothing else', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.string({
        unit: fc.constantFrom('a', '"', ',', '=', ' ', '\\', '\n', '!', '#', 'ssh-ed25519 '),
        maxLength: 60,
      }),
    );
    const krl = fc
      .uint8Array({ maxLength: 200 })
      .map((rest) => Buffer.concat([Buffer.from('SSHKRL\n\0\0\0\0\x01'), rest]));
    fc.assert(
      fc.property(text, krl, (content, list) => {
        for (const parse of [
          () => parseAllowedSigners(content),
          () => parseRevokedKeys(content),
          () => parseRevokedKeys(list),
        ]) {
          try {
            parse();
          } catch (error) {
            expect(error).toBeInstanceOf(SignerFileError);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('is refused by size before it is read', () => {
    const huge = commitPayload({ message: 'x'.repeat(9 * 1024 * 1024) });
    expect(verifyCommit({ object: huge, allowedSigners })).toMatchObject({
      verdict: 'bad',
      reason: expect.stringContaining('larger'),
    });
    const armor = handmade.armored(Buffer.alloc(80 * 1024));
    expect(verifyCommit({ object: withSignature(commitPayload(), armor), allowedSigners })).toMatchObject({
      verdict: 'bad',
      reason: expect.stringContaining('larger'),
    });
    expect(() => parseAllowedSigners('#'.repeat(17 * 1024 * 1024))).toThrow(SignerFileError);
  });

  it('takes a commit of many headers in good time', () => {
    const headers = `${'a b\n'.repeat(200_000)}${'c\n \n'.repeat(100_000)}`;
    const payload = commitPayload({ headers });
    const object = withSignature(payload, handmade.signMessage(key, payload));
    const started = performance.now();
    expect(verifyCommit({ object, allowedSigners }).verdict).toBe('good');
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('takes a header of many continuation lines in good time', () => {
    const payload = commitPayload({ headers: `mergetag x\n${' y\n'.repeat(500_000)}` });
    const object = withSignature(payload, handmade.signMessage(key, payload));
    const started = performance.now();
    expect(verifyCommit({ object, allowedSigners }).verdict).toBe('good');
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('is a view of larger memory as often as not', () => {
    const object = signedCommit(key);
    const memory = new Uint8Array(object.length + 20).fill(65);
    memory.set(object, 10);
    expect(verifyCommit({ object: memory.subarray(10, 10 + object.length), allowedSigners }).verdict).toBe(
      'good',
    );
  });

  it('cannot put control characters or long text into a reason', () => {
    const payload = commitPayload();
    const namespace = `\u001b[31m\n${'x'.repeat(500)}`;
    const object = withSignature(payload, handmade.signMessage(key, payload, { namespace }));
    const { reason } = verifyCommit({ object, allowedSigners });
    expect(reason).toMatch(/^[ -~…]*$/);
    expect(reason.length).toBeLessThan(200);
  });
});
