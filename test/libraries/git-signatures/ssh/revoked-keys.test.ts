import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  parseRevokedKeys,
  SignerFileError,
  verifyMessage,
} from '../../../../libraries/git-signatures/ssh/index.ts';
import * as handmade from './handmade.ts';
import { type Key, noon, Workshop, whyNoOracle } from './workshop.ts';

if (whyNoOracle !== undefined) console.warn(whyNoOracle);

const key = handmade.ed25519Key();
const message = Buffer.from('a message');

function fingerprint(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

function verdict(revoked: string | Uint8Array): string {
  const signature = handmade.signMessage(key, message);
  return verifyMessage({
    message,
    signature,
    namespace: 'git',
    allowedSigners: `a ${key.line}`,
    revoked,
    at: noon,
  }).verdict;
}

describe('a list of revoked keys', () => {
  it('revokes by key and by fingerprint, and nobody else', () => {
    expect(verdict(`${key.line} lost\n`)).toBe('revoked');
    expect(verdict(`# lost\r\n\r\n${fingerprint(key.blob)} lost\r\n`)).toBe('revoked');
    expect(verdict(`${fingerprint(Buffer.from('another'))}\n${handmade.ed25519Key().line}`)).toBe('good');
    expect(verdict('')).toBe('good');
    expect(verdict(Buffer.from(`${key.line}\n`))).toBe('revoked');
  });

  it('tells that a key is revoked even if nobody trusts it', () => {
    const signature = handmade.signMessage(key, message);
    const question = {
      message,
      signature,
      namespace: 'git',
      allowedSigners: '',
      revoked: key.line,
      at: noon,
    };
    expect(verifyMessage(question).verdict).toBe('revoked');
  });

  it('is refused as a whole for a line that is neither key nor fingerprint', () => {
    for (const line of ['MD5:00:11', 'SHA256:short', `x ${key.line}`, 'ssh-ed25519 AAAA', `"${key.line}"`]) {
      const error = problemOf(`# one\n${line}\n`);
      expect(error).toMatchObject({ file: 'RevokedKeys', line: 2 });
    }
  });

  it('is refused when a KRL comes as text, or cut off, or with what we cannot honour', () => {
    const header = Buffer.concat([
      Buffer.from('SSHKRL\n\0'),
      handmade.uint32(1),
      ...[0n, 0n, 0n].map(handmade.uint64),
      handmade.string(''),
      handmade.string(''),
    ]);
    const section = (type: number, content: Buffer) =>
      Buffer.concat([header, Buffer.from([type]), handmade.string(content)]);
    const extension = (isCritical: number) =>
      Buffer.concat([handmade.string('x@example.com'), Buffer.from([isCritical]), handmade.string('')]);
    expect(problemOf(header.toString('latin1')).message).toMatch(/as bytes/);
    expect(problemOf(header.subarray(0, -1)).message).toMatch(/cut off/);
    expect(problemOf(section(4, Buffer.alloc(0))).message).toMatch(/signed/);
    expect(problemOf(section(9, Buffer.alloc(0))).message).toMatch(/unknown type 9/);
    expect(problemOf(section(255, extension(1))).message).toMatch(/critical/);
    expect(problemOf(section(3, handmade.string('short'))).message).toMatch(/digest/);
    const authority = Buffer.concat([handmade.string(''), handmade.string('')]);
    expect(
      problemOf(section(1, Buffer.concat([authority, Buffer.from([7]), handmade.string('')]))).message,
    ).toMatch(/unknown type 7/);
    const critical = Buffer.concat([authority, Buffer.from([0x39]), handmade.string(extension(1))]);
    expect(problemOf(section(1, critical)).message).toMatch(/critical/);
    expect(parseRevokedKeys(section(255, extension(0))).fingerprints.size).toBe(0);
  });
});

describe.skipIf(whyNoOracle !== undefined)('a KRL, as ssh-keygen reads it', () => {
  const workshop = new Workshop();
  afterAll(() => workshop.close());

  function listOf(lines: string, authority?: Key): Buffer {
    const path = join(workshop.folder, `krl-${Math.random()}`);
    const signer = authority === undefined ? [] : ['-s', `${authority.path}.pub`];
    workshop.run('ssh-keygen', ['-q', '-k', '-f', path, ...signer, workshop.file(lines)]);
    return readFileSync(path);
  }

  function expectAgreement(signer: Key, allowedSigners: string, revoked: Buffer, isRevoked: boolean): void {
    const signature = workshop.sign(signer, message);
    const ours = verifyMessage({ message, signature, namespace: 'git', allowedSigners, revoked, at: noon });
    const oracle = workshop.askSshKeygen({ message, signature, allowedSigners, revoked, principal: 'alice' });
    expect(ours.verdict).toBe(isRevoked ? 'revoked' : 'good');
    expect(oracle.isGood, oracle.output).toBe(!isRevoked);
  }

  it('revokes keys by content, SHA-1, SHA-256 and fingerprint', () => {
    const lost = workshop.key('ed25519');
    const kept = workshop.key('ecdsa', 256);
    const hash = fingerprint(Buffer.from(lost.line.split(' ')[1] as string, 'base64'));
    for (const line of [`key: ${lost.line}`, `sha1: ${lost.line}`, `sha256: ${lost.line}`, `hash: ${hash}`]) {
      const list = listOf(`${line}\n`);
      expectAgreement(lost, `alice ${lost.line}`, list, true);
      expectAgreement(kept, `alice ${kept.line}`, list, false);
    }
  });

  it('revokes certificates by serial, range, bitmap and key id, of its authority only', () => {
    const authority = workshop.key('ed25519');
    const other = workshop.key('ed25519');
    const holder = workshop.key('ed25519');
    const signers = `alice cert-authority ${authority.line}\nalice cert-authority ${other.line}`;
    const certificate = (serial: number, id = 'fine', by = authority) =>
      workshop.certify(by, holder, { principals: 'alice', serial, id });
    const scattered = [3, 5, 6, 9, 11, 14, 15, 17, 40, 63].map((serial) => `serial: ${serial}`).join('\n');
    const list = listOf(`${scattered}\nserial: 1000-2000\nid: laptop of bob\n`, authority);

    for (const serial of [3, 14, 63, 1000, 1500, 2000])
      expectAgreement(certificate(serial), signers, list, true);
    for (const serial of [0, 1, 4, 16, 64, 999, 2001])
      expectAgreement(certificate(serial), signers, list, false);
    expectAgreement(certificate(1, 'laptop of bob'), signers, list, true);
    expectAgreement(certificate(0, 'laptop of bob'), signers, list, true);
    expectAgreement(certificate(3, 'laptop of bob', other), signers, list, false);
  });

  it('revokes whatever a revoked authority certified, and what a revoked key signs by certificate', () => {
    const authority = workshop.key('ecdsa', 521);
    const holder = workshop.key('ed25519');
    const certificate = workshop.certify(authority, holder, { principals: 'alice' });
    const signers = `alice cert-authority ${authority.line}`;
    expectAgreement(certificate, signers, listOf(`key: ${authority.line}\n`), true);
    expectAgreement(certificate, signers, listOf(`sha256: ${holder.line}\n`), true);
    expectAgreement(certificate, signers, listOf(`key: ${workshop.key('ed25519').line}\n`), false);
  });
});

function problemOf(list: string | Uint8Array): SignerFileError {
  try {
    parseRevokedKeys(list);
  } catch (error) {
    if (error instanceof SignerFileError) return error;
    throw error;
  }
  throw new Error('the list was accepted');
}
