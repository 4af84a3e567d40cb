import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  KeyringError,
  parseKeyring,
  type Verification,
  verifyCommit,
  verifyMessage,
  verifyTag,
} from '../../../../libraries/git-signatures/openpgp/index.ts';
import * as handmade from './handmade.ts';
import { commitPayload, noon, withSignature } from './workshop.ts';

const primary = handmade.ed25519LegacyKey();
const subkey = handmade.ed25519LegacyKey();
const by = new handmade.Certifier(primary);
const withSubkey = [
  by.key,
  by.userId('alice'),
  by.certification('alice'),
  by.subkey(subkey),
  by.binding(subkey),
];
const rsa = handmade.rsaKey();
const ecdsa = handmade.ecdsaKey('P-256');
const modern = handmade.ed25519Key({ version: 6 });

const signers: Record<string, { key: handmade.HandmadeKey; packets: readonly Buffer[] }> = {
  'an Ed25519 subkey': { key: subkey, packets: withSubkey },
  'an RSA key': { key: rsa, packets: [handmade.certificate(rsa)] },
  'a P-256 key': { key: ecdsa, packets: [handmade.certificate(ecdsa)] },
  'a key of version 6': { key: modern, packets: [handmade.certificate(modern)] },
};

function signedCommit(key: handmade.HandmadeKey): Buffer {
  return withSignature(commitPayload(), handmade.signMessage(key, commitPayload()));
}

/** Ends of lines in the armor, and its checksum, are the only freedom that a signature has. */
function withoutFreedom(object: Buffer): string {
  return object
    .toString('latin1')
    .replaceAll(/[ \t\r]*\n /g, '')
    .replace(/=.{4}(?=-----END)/, '');
}

function flipped(bytes: Buffer, at: number, mask: number): Buffer {
  const changed = Buffer.from(bytes);
  changed.writeUInt8(changed.readUInt8(at) ^ mask, at);
  return changed;
}

describe.each(Object.entries(signers))('a commit signed by %s', (_name, { key, packets }) => {
  const object = signedCommit(key);
  const keyring = parseKeyring(handmade.publicKeys(...packets));
  const ask = (commit: Buffer) => verifyCommit({ object: commit, keyring, at: noon }).verdict;

  it('is good as it is', () => {
    expect(ask(object)).toBe('good');
  });

  it('is not good with any one byte flipped, by one bit or by all', () => {
    const good: number[] = [];
    for (let at = 0; at < object.length; at++) {
      for (const mask of [1 << (at & 7), 0xff]) if (ask(flipped(object, at, mask)) === 'good') good.push(at);
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
          fc.pre(withoutFreedom(changed) !== withoutFreedom(object));
          expect(ask(changed)).not.toBe('good');
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('is not good with one bit flipped in the packet, or cut off, however it is armored again', () => {
    const blob = handmade.packet(2, handmade.signature(key, 0, commitPayload()));
    const verify = (bytes: Buffer) =>
      verifyMessage({
        message: commitPayload(),
        signature: handmade.armored('SIGNATURE', bytes),
        keyring,
        at: noon,
      }).verdict;
    expect(verify(blob)).toBe('good');
    const good: number[] = [];
    for (let bit = 0; bit < blob.length * 8; bit++) {
      if (verify(flipped(blob, bit >> 3, 1 << (bit & 7))) === 'good') good.push(bit);
    }
    expect(good).toEqual([]);
    for (let length = 0; length < blob.length; length++)
      expect(verify(blob.subarray(0, length))).not.toBe('good');
    expect(verify(Buffer.concat([blob, blob]))).toBe('unsupported');
  });
});

describe('a keyring with one bit flipped', () => {
  it('lets nobody else in: the key itself is damaged, or nothing changed for it', () => {
    const bytes = Buffer.concat(withSubkey);
    const object = signedCommit(handmade.ed25519LegacyKey());
    fc.assert(
      fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
        try {
          const answer = verifyCommit({
            object,
            keyring: flipped(bytes, bit >> 3, 1 << (bit & 7)),
            at: noon,
          });
          expect(answer.verdict).not.toBe('good');
        } catch (error) {
          expect(error).toBeInstanceOf(KeyringError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('where key, user id and subkey are bound is good for nobody', () => {
    const issuer = handmade.issuerFingerprint(primary);
    const back = handmade.subpacket(32, by.back(subkey, { issuer: handmade.issuerFingerprint(subkey) }));
    const certification = by.certification('alice', { issuer });
    const binding = by.binding(subkey, { issuer, hashed: [handmade.flags.sign, back] }, 'none');
    const packets = [by.key, by.userId('alice'), certification, by.subkey(subkey), binding];
    const object = signedCommit(subkey);
    const ask = (changed: readonly Buffer[]) =>
      verifyCommit({ object, keyring: handmade.publicKeys(...changed), at: noon }).verdict;
    expect(ask(packets)).toBe('good');
    const good: string[] = [];
    for (const part of [certification, binding]) {
      for (let at = 6; at < part.length; at++) {
        const changed = packets.map((one) => (one === part ? flipped(part, at, 1 << (at & 7)) : one));
        if (ask(changed) === 'good') good.push(`${packets.indexOf(part)}:${at}`);
      }
    }
    expect(good).toEqual([]);
  });
});

describe('hostile input', () => {
  const keyring = parseKeyring(handmade.publicKeys(...withSubkey));
  const verdicts = ['unsigned', 'untrusted', 'bad', 'unsupported'];

  it('never makes verifying throw: random bytes as object, armor and packet', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        const packet = handmade.packet(2, Buffer.concat([Buffer.from([4, 0, 22, 8]), bytes]));
        for (const signature of [
          Buffer.from(bytes).toString('latin1'),
          handmade.armored('SIGNATURE', packet),
        ]) {
          const object = withSignature(commitPayload(), signature);
          expect(verdicts).toContain(verifyCommit({ object, keyring }).verdict);
        }
        expect(verdicts).toContain(verifyCommit({ object: bytes, keyring }).verdict);
        expect(verdicts).toContain(verifyTag({ object: bytes, keyring }).verdict);
      }),
      { numRuns: 2000 },
    );
  });

  it('never makes verifying throw: signatures of a right shape with random content', () => {
    const area = fc
      .array(fc.tuple(fc.nat(40), fc.uint8Array({ maxLength: 40 }), fc.boolean()), { maxLength: 6 })
      .map((list) => list.map(([type, body, isCritical]) => handmade.subpacket(type, body, isCritical)));
    const number = fc.uint8Array({ maxLength: 40 }).map(handmade.mpi);
    const content = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      fc.tuple(number, number).map((numbers) => Buffer.concat(numbers)),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(subkey, rsa, ecdsa, modern),
        area,
        area,
        content,
        (key, hashed, unhashed, made) => {
          const forger = { ...key, sign: () => made };
          const all = parseKeyring(
            handmade.publicKeys(...Object.values(signers).flatMap(({ packets }) => packets)),
          );
          const signature = handmade.signMessage(forger, commitPayload(), { hashed, unhashed });
          const answer: Verification = verifyMessage({
            message: commitPayload(),
            signature,
            keyring: all,
            at: noon,
          });
          expect(['bad', 'unsupported', 'untrusted']).toContain(answer.verdict);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('in a keyring is a KeyringError and nothing else', () => {
    const start = fc.constantFrom(
      Buffer.alloc(0),
      by.key,
      Buffer.concat(withSubkey),
      handmade.certificate(rsa),
    );
    const packets = fc
      .array(fc.tuple(fc.constantFrom(2, 6, 10, 12, 13, 14, 17, 21, 60), fc.uint8Array({ maxLength: 80 })), {
        maxLength: 8,
      })
      .map((list) => Buffer.concat(list.map(([type, body]) => handmade.packet(type, Buffer.from(body)))));
    const bytes = fc.oneof(
      packets,
      fc.uint8Array({ maxLength: 200 }).map((random) => Buffer.from(random)),
    );
    const object = signedCommit(subkey);
    fc.assert(
      fc.property(start, bytes, fc.string({ unit: 'binary', maxLength: 200 }), (first, rest, text) => {
        const all = Buffer.concat([first, rest]);
        for (const given of [text, all, handmade.armored('PUBLIC KEY BLOCK', all)]) {
          try {
            verifyCommit({ object, keyring: given, at: noon });
          } catch (error) {
            expect(error).toBeInstanceOf(KeyringError);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('is refused by size before it is read', () => {
    const huge = commitPayload({ message: 'x'.repeat(9 * 1024 * 1024) });
    const armor = handmade.armored('SIGNATURE', Buffer.alloc(80 * 1024));
    for (const object of [huge, withSignature(commitPayload(), armor)]) {
      expect(verifyCommit({ object, keyring })).toMatchObject({
        verdict: 'bad',
        reason: expect.stringContaining('larger'),
      });
    }
    expect(() => parseKeyring('#'.repeat(17 * 1024 * 1024))).toThrow(KeyringError);
  });

  it.each([
    ['many headers in the commit', () => commitPayload({ headers: 'a b\n'.repeat(500_000) })],
    ['many continuation lines', () => commitPayload({ headers: `mergetag x\n${' y\n'.repeat(500_000)}` })],
    ['much text', () => commitPayload({ message: ' \n'.repeat(3_000_000) })],
  ])('is read in good time: %s', (_name, make) => {
    const payload = make();
    const object = withSignature(payload, handmade.signMessage(subkey, payload));
    const started = performance.now();
    expect(verifyCommit({ object, keyring, at: noon }).verdict).toBe('good');
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('is read in good time: a keyring with as much as it may have of one thing', () => {
    const userIds = Buffer.concat(Array.from({ length: 1000 }, (_, n) => by.userId(`alice ${n}`)));
    const flood = Buffer.concat([by.key, userIds, ...Array.from({ length: 30 }, () => userIds)]);
    const forged = handmade.packet(
      2,
      handmade.signature(
        {
          ...primary,
          sign: () => Buffer.concat([handmade.mpi(Buffer.alloc(32, 1)), handmade.mpi(Buffer.alloc(32, 1))]),
        },
        0x13,
        Buffer.concat([handmade.hashedKey(primary), handmade.hashedUserId('alice')]),
      ),
    );
    const signatures = Buffer.concat([
      ...withSubkey.slice(0, 3),
      ...Array.from({ length: 999 }, () => forged),
      ...withSubkey.slice(3),
    ]);
    const started = performance.now();
    expect(parseKeyring(flood).keys[0]?.userIds).toHaveLength(1000);
    expect(verifyCommit({ object: signedCommit(subkey), keyring: signatures, at: noon }).verdict).toBe(
      'good',
    );
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(() =>
      parseKeyring(
        Buffer.concat([by.key, by.userId('alice'), ...Array.from({ length: 1001 }, () => forged)]),
      ),
    ).toThrow(expect.objectContaining({ code: 'KeyringTooLarge' }));
  });

  it('is a view of larger memory as often as not', () => {
    const object = signedCommit(subkey);
    const memory = new Uint8Array(object.length + 20).fill(65);
    memory.set(object, 10);
    const view = memory.subarray(10, 10 + object.length);
    expect(verifyCommit({ object: view, keyring, at: noon }).verdict).toBe('good');
  });

  it('cannot put control characters or long text into an answer', () => {
    const userId = `\u001b[31m\n\u202e${'x'.repeat(500)} <mallory@example.com>`;
    const packets = [by.key, by.userId(userId), by.certification(userId)];
    const object = signedCommit(primary);
    const answer = verifyCommit({ object, keyring: handmade.publicKeys(...packets), at: noon });
    expect(answer.verdict).toBe('good');
    expect(JSON.stringify(answer)).not.toMatch(/\\u001b|\\n|\u202e/);
    const asked = verifyCommit({
      object,
      keyring: handmade.publicKeys(...packets),
      at: noon,
      email: '\u001b\n',
    });
    expect(asked.reason).toMatch(/^[ -~]*$/);
  });
});
