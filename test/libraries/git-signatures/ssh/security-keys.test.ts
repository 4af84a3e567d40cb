import { afterAll, describe, expect, it } from 'vitest';
import { type Verdict, verifyCommit, verifyMessage } from '../../../../libraries/git-signatures/ssh/index.ts';
import * as handmade from './handmade.ts';
import { commitPayload, noon, Workshop, whyNoOracle, withSignature } from './workshop.ts';

if (whyNoOracle !== undefined) console.warn(whyNoOracle);

const alice = 'alice@example.com';
const message = Buffer.from('what was signed');
const makers = { Ed25519: handmade.ed25519SecurityKey, ECDSA: handmade.ecdsaSecurityKey };

function verify(
  key: handmade.HandmadeKey,
  options: { userPresence?: 'optional'; changed?: Buffer; signers?: string } = {},
) {
  return verifyMessage({
    message: options.changed ?? message,
    signature: handmade.signMessage(key, message),
    namespace: 'git',
    allowedSigners: options.signers ?? `${alice} ${key.line}`,
    at: noon,
    userPresence: options.userPresence,
  });
}

describe.each(Object.entries(makers))('signatures of a %s security key', (_name, make) => {
  it('are good when somebody touched the key', () => {
    expect(verify(make())).toMatchObject({ verdict: 'good', principals: [alice] });
    expect(verify(make({ application: 'ssh:work', flags: 5, counter: 0xffffffff })).verdict).toBe('good');
  });

  it('are bad when nobody touched the key, unless that is allowed', () => {
    const key = make({ flags: 4 });
    expect(verify(key)).toMatchObject({ verdict: 'bad', reason: expect.stringContaining('touched') });
    expect(verify(key, { userPresence: 'optional' }).verdict).toBe('good');
  });

  it('are bad for another application, message, flag or counter', () => {
    expect(verify(make({ assertedApplication: 'ssh:evil' })).verdict).toBe('bad');
    expect(verify(make(), { changed: Buffer.from('another') }).verdict).toBe('bad');
    const key = make();
    for (const fromEnd of [1, 4, 5]) {
      const sign = (data: Buffer) => {
        const signature = key.sign(data);
        const at = signature.length - fromEnd;
        signature.writeUInt8(signature.readUInt8(at) ^ 4, at);
        return signature;
      };
      expect(verify({ ...key, sign }, { userPresence: 'optional' }).verdict).toBe('bad');
    }
  });

  it('are bad when they are cut off or longer than they should be', () => {
    const key = make();
    expect(verify({ ...key, sign: (data) => key.sign(data).subarray(0, -1) }).verdict).toBe('bad');
    expect(verify({ ...key, sign: (data) => Buffer.concat([key.sign(data), Buffer.alloc(1)]) }).verdict).toBe(
      'bad',
    );
  });

  it('need a PIN where the certificate demands it', () => {
    const authority = handmade.ed25519Key();
    const signers = `* cert-authority ${authority.line}`;
    const wishes = { criticalOptions: { 'verify-required': '' } };
    const touched = handmade.certify(authority, make({ flags: 1 }), wishes);
    const withPin = handmade.certify(authority, make({ flags: 5 }), wishes);
    expect(verify(touched, { signers })).toMatchObject({
      verdict: 'bad',
      reason: expect.stringContaining('PIN'),
    });
    expect(verify(withPin, { signers }).verdict).toBe('good');
  });

  it('certify other keys', () => {
    const authority = make();
    const certificate = handmade.certify(authority, handmade.ed25519Key());
    expect(verify(certificate, { signers: `* cert-authority ${authority.line}` }).verdict).toBe('good');
  });
});

describe.skipIf(whyNoOracle !== undefined)('security keys, as ssh-keygen and git see them', () => {
  const workshop = new Workshop();
  afterAll(() => workshop.close());

  const cases: Record<
    string,
    { key: handmade.HandmadeKey; signers?: string; verdict: Verdict; oracle: boolean }
  > = {};
  const authority = handmade.ed25519Key();
  for (const [name, make] of Object.entries(makers)) {
    cases[`${name}, touched`] = { key: make(), verdict: 'good', oracle: true };
    cases[`${name}, with another application`] = {
      key: make({ application: 'ssh:work' }),
      verdict: 'good',
      oracle: true,
    };
    cases[`${name}, not touched`] = { key: make({ flags: 0 }), verdict: 'bad', oracle: true };
    cases[`${name}, asserting another application`] = {
      key: make({ assertedApplication: 'ssh:evil' }),
      verdict: 'bad',
      oracle: false,
    };
    cases[`${name}, certified`] = {
      key: handmade.certify(authority, make()),
      signers: `*@example.com cert-authority ${authority.line}`,
      verdict: 'good',
      oracle: true,
    };
  }

  it.each(Object.entries(cases))('%s', (_name, { key, signers, verdict, oracle }) => {
    const allowedSigners = signers ?? `${alice} ${key.line}`;
    const payload = commitPayload();
    const signature = handmade.signMessage(key, payload);
    const object = withSignature(payload, signature);
    const repository = workshop.repository();
    expect(verifyCommit({ object, allowedSigners }).verdict).toBe(verdict);

    const keygen = workshop.askSshKeygen({ message: payload, signature, allowedSigners, principal: alice });
    const git = workshop.askGit(repository, workshop.store(repository, 'commit', object), { allowedSigners });
    expect([keygen.isGood, git.isGood], keygen.output + git.output).toEqual([oracle, oracle]);
  });
});
