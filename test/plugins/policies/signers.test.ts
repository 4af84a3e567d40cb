import { afterAll, describe, expect, it } from 'vitest';
import type { People } from '../../../plugins/policies/people.ts';
import { signerOf } from '../../../plugins/policies/signers.ts';
import * as handmade from '../../libraries/git-signatures/openpgp/handmade.ts';
import { commitPayload, day, noon, withSignature } from '../../libraries/git-signatures/openpgp/workshop.ts';
import { Workshop, whyNoOracle } from '../../libraries/git-signatures/ssh/workshop.ts';
import { peopleIn, team, teamFindings } from './workplace.ts';

const key = handmade.ed25519LegacyKey();
const other = handmade.ed25519LegacyKey();
const armor = handmade.publicKeys(handmade.certificate(key, 'whoever@elsewhere.example'));
const email = 'alice@example.com';
const object = withSignature(commitPayload(), handmade.signMessage(key, commitPayload()));

function people(more: object = {}, spec: object = {}): People {
  const openpgp = { openpgp: armor, ...more };
  return peopleIn(team('risk', [{ name: 'Alice', emails: [email], signingKeys: [openpgp] }], spec));
}

function ask(by: People, { at = noon, from = email, commit = object } = {}) {
  const signer = signerOf({ object: commit, email: from, at: at * 1000 }, by);
  return 'person' in signer ? signer.person.name : signer.verdict;
}

describe('the signer of a commit by OpenPGP', () => {
  it('is the member whose key a team lists, whatever the key says of addresses', () => {
    expect(ask(people())).toBe('Alice');
    expect(signerOf({ object, email, at: noon * 1000 }, people())).toMatchObject({
      fingerprint: key.fingerprint,
    });
  });

  it('is nobody for another address, another key, or a changed commit', () => {
    expect(ask(people(), { from: 'bob@example.com' })).toBe('stranger');
    const byOther = withSignature(commitPayload(), handmade.signMessage(other, commitPayload()));
    expect(ask(people(), { commit: byOther })).toBe('stranger');
    expect(ask(people(), { commit: Buffer.from(object.toString().replace('fix:', 'Fix:')) })).toBe('bad');
    expect(ask(people(), { commit: commitPayload() })).toBe('unsigned');
  });

  it('must have signed with a key that no team revokes', () => {
    expect(ask(people({}, { revokedKeys: [key.fingerprint.toLowerCase()] }))).toBe('revoked');
    expect(ask(people({}, { revokedKeys: [other.fingerprint] }))).toBe('Alice');
  });

  it('must have signed while the team lets the key count, by the clock of the platform', () => {
    const period = { validAfter: '2024-06-01', validBefore: '2024-08-01T00:00:00Z' };
    expect(ask(people(period))).toBe('Alice');
    expect(ask(people(period), { at: noon + 60 * day })).toBe('expired');
    expect(ask(people({ validAfter: '2024-07-01T12:00:00Z' }))).toBe('Alice');
    expect(ask(people({ validAfter: '2024-07-01T12:00:01Z' }))).toBe('expired');
    expect(ask(people({ validBefore: '2024-06-31' }))).toBe('expired');
  });

  it('may have several keys', () => {
    const listed = [handmade.certificate(other), handmade.certificate(key)].map((certificate) => ({
      openpgp: handmade.publicKeys(certificate),
    }));
    const both = peopleIn(team('risk', [{ name: 'Alice', emails: [email], signingKeys: listed }]));
    expect(ask(both)).toBe('Alice');
  });
});

describe('the OpenPGP keys of a team', () => {
  const findings = (openpgp: string) =>
    teamFindings(team('risk', [{ name: 'Alice', emails: [email], signingKeys: [{ openpgp }] }])).map(
      ({ code, message }) => `${code}: ${message}`,
    );

  it('are read as keys before anybody relies on them', () => {
    expect(findings(armor)).toEqual([]);
    expect(findings(armor.replace(/\n=.{4}\n/, '\n=AAAA\n'))).toEqual([
      expect.stringMatching(/^MalformedKey: .*checksum/),
    ]);
    expect(findings(armor + handmade.publicKeys(handmade.certificate(other)))).toEqual([
      expect.stringMatching(/^MalformedKey: .*several keys/),
    ]);
    expect(findings('# nothing yet')).toEqual([expect.stringMatching(/^MalformedKey/)]);
  });

  it('are one person’s, in whatever armor', () => {
    const again = armor.replace('-----\n\n', '-----\nComment: another armor\n\n');
    const members = [armor, again].map((openpgp, index) => ({
      name: `Person ${index}`,
      emails: [`person${index}@example.com`],
      signingKeys: [{ openpgp }],
    }));
    expect(teamFindings(team('risk', members))).toMatchObject([
      { code: 'SharedIdentity', message: expect.stringContaining(key.fingerprint) },
    ]);
  });
});

if (whyNoOracle !== undefined) console.warn(whyNoOracle);
describe.skipIf(whyNoOracle !== undefined)('the signer of a commit by SSH', () => {
  const workshop = new Workshop();
  afterAll(() => workshop.close());

  it('is found beside OpenPGP keys, and says which key it was', () => {
    const ssh = workshop.key('ed25519');
    const commit = withSignature(commitPayload(), workshop.sign(ssh, commitPayload()));
    const both = peopleIn(
      team('risk', [
        { name: 'Alice', emails: [email], signingKeys: [{ openpgp: armor }, { ssh: ssh.line }] },
      ]),
    );
    expect(ask(both, { commit })).toBe('Alice');
    expect(ask(both)).toBe('Alice');
    expect(signerOf({ object: commit, email, at: noon * 1000 }, people())).toMatchObject({
      verdict: 'stranger',
      fingerprint: expect.stringMatching(/^SHA256:/),
    });
  });
});
