import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import type { Finding } from '../../../core/plugin.ts';
import { teamKind } from '../../../plugins/policies/team.ts';
import { teamController } from '../../../plugins/policies/team-controller.ts';
import { requestFor } from '../../fixtures/request.ts';
import { type Key, Workshop, whyNoOracle } from '../../libraries/git-signatures/ssh/workshop.ts';
import { peopleIn, team, teamFindings } from './workplace.ts';

const codes = (findings: readonly Finding[]) =>
  findings.map(({ code, pointer, severity }) => [code, pointer, severity ?? 'error']);
const ada = { name: 'Ada', emails: ['ada@example.com'], accounts: { github: 'ada' } };
const grace = { name: 'Grace', emails: ['grace@example.com'], accounts: { github: 'grace' } };

describe('a team', () => {
  it('is fine with people who show themselves by different things', () => {
    expect(teamFindings(team('risk', [ada, grace]))).toEqual([]);
  });

  it('may name a member whom another team describes, and is that person’s team too', () => {
    const risk = team('risk', [ada]);
    const calls = team('on-call', [{ name: 'Ada' }, grace]);
    expect(teamFindings(calls, [risk])).toEqual([]);
    expect(teamFindings(risk, [calls])).toEqual([]);
    expect(peopleIn(calls, risk).byEmail('ADA@example.com')).toMatchObject({
      name: 'Ada',
      teams: ['on-call', 'risk'],
      emails: ['ada@example.com'],
    });
  });

  it('refuses a name of which nothing is known', () => {
    expect(codes(teamFindings(team('risk', [ada, { name: 'Grace' }]), []))).toEqual([
      ['UnknownMember', '/spec/members/1/name', 'error'],
    ]);
  });

  it.each([
    ['an e-mail address', { name: 'Eve', emails: ['Ada@Example.com'] }, '/spec/members/1/emails/0'],
    ['an account', { name: 'Eve', accounts: { github: '@ADA' } }, '/spec/members/1/accounts/github'],
  ])('refuses %s under two members, in one team or in two, whatever its case', (_, eve, pointer) => {
    expect(codes(teamFindings(team('risk', [ada, eve])))).toEqual([['SharedIdentity', pointer, 'error']]);
    const theirs = team('other', [grace, eve]);
    expect(codes(teamFindings(theirs, [team('risk', [ada])]))).toEqual([
      ['SharedIdentity', pointer, 'error'],
    ]);
    const people = peopleIn(team('risk', [ada]), theirs);
    expect([people.byEmail('ada@example.com'), people.byAccount('github', 'ada')]).toContain(undefined);
  });

  it('takes the same account on another forge for another one', () => {
    expect(teamFindings(team('risk', [ada, { name: 'Eve', accounts: { gitlab: 'ada' } }]))).toEqual([]);
  });

  it('refuses somebody twice: in one team, described in two, or in other letters', () => {
    expect(codes(teamFindings(team('risk', [ada, { name: 'Ada' }])))).toEqual([
      ['MemberTwice', '/spec/members/1/name', 'error'],
    ]);
    const more = { name: 'Ada', emails: ['ada@second.example'] };
    expect(codes(teamFindings(team('other', [more]), [team('risk', [ada])]))).toEqual([
      ['MemberTwice', '/spec/members/0/name', 'error'],
    ]);
    expect(codes(teamFindings(team('other', [{ name: 'ADA' }]), [team('risk', [ada])]))).toContainEqual([
      'MemberTwice',
      '/spec/members/0/name',
      'error',
    ]);
  });

  it('warns where nobody could approve', () => {
    const bot = { name: 'Switchyard', machine: true, accounts: { github: 'switchyard[bot]' } };
    expect(codes(teamFindings(team('bots', [bot])))).toEqual([
      ['NobodyToApprove', '/spec/members', 'warning'],
    ]);
  });

  it('says how many people and programs it lists', async () => {
    const bot = { name: 'Switchyard', machine: true };
    const outcome = await teamController().reconcile(
      requestFor(teamKind, team('risk', [ada, grace, bot]), []),
    );
    expect(outcome).toMatchObject({ reason: 'Listed', facts: { people: 2, programs: 1 } });
  });
});

if (whyNoOracle !== undefined) console.warn(whyNoOracle);
describe.skipIf(whyNoOracle !== undefined)('the keys of a team', () => {
  const workshop = new Workshop();
  afterAll(() => workshop.close());
  const withKey = (key: object, more: object = {}) =>
    team('risk', [{ ...ada, signingKeys: [key as never] }], more);
  const findingsOf = (key: object) => teamFindings(withKey(key));

  it('are public keys of any kind that ssh-keygen makes, with a comment or without', () => {
    for (const [type, bits] of [['ed25519'], ['ecdsa', 256], ['rsa', 2048]] as const) {
      const key = workshop.key(type, bits);
      expect(findingsOf({ ssh: readFileSync(`${key.path}.pub`, 'utf8') })).toEqual([]);
      expect(findingsOf({ ssh: key.line })).toEqual([]);
    }
  });

  it('are read strictly: cut, misspelt, with options, or several in one', () => {
    const { line } = workshop.key('ed25519');
    for (const ssh of [
      line.slice(0, -8),
      line.replace('ssh-ed25519', 'ssh-rsa'),
      `cert-authority ${line}`,
      `${line}\n${line}`,
      'ssh-ed25519',
      'grace',
    ]) {
      expect(codes(findingsOf({ ssh })), ssh).toEqual([
        ['MalformedKey', '/spec/members/0/signingKeys/0/ssh', 'error'],
      ]);
    }
    expect(codes(findingsOf({ openpgp: line }))).toEqual([
      ['MalformedKey', '/spec/members/0/signingKeys/0/openpgp', 'error'],
    ]);
  });

  it('are no short RSA keys and no certificates', () => {
    const weak = workshop.key('rsa', 1024);
    const certified = workshop.certify(workshop.key('ed25519'), workshop.key('ed25519'), { principals: 'a' });
    for (const key of [weak, certified]) {
      expect(codes(findingsOf({ ssh: key.line }))).toEqual([
        ['UnsupportedKey', '/spec/members/0/signingKeys/0/ssh', 'error'],
      ]);
    }
  });

  it('belong to one person, whoever else lists them', () => {
    const { line } = workshop.key('ed25519');
    const other = team('other', [{ ...grace, signingKeys: [{ ssh: `${line} a comment` }] }]);
    expect(codes(teamFindings(withKey({ ssh: line }), [other]))).toEqual([
      ['SharedIdentity', '/spec/members/0/signingKeys/0', 'error'],
    ]);
  });

  it('have a time that is on the calendar and in order, and principals that fit', () => {
    const { line: ssh } = workshop.key('ed25519');
    expect(findingsOf({ ssh, validAfter: '2026-01-01', validBefore: '2026-01-01T00:00:01Z' })).toEqual([]);
    expect(codes(findingsOf({ ssh, validAfter: '2026-02-30' }))[0]?.[0]).toBe('InvalidPeriod');
    expect(codes(findingsOf({ ssh, validAfter: '2026-02-02', validBefore: '2026-02-01' }))).toEqual([
      ['InvalidPeriod', '/spec/members/0/signingKeys/0/validBefore', 'error'],
    ]);
    expect(findingsOf({ ssh, principals: ['*@example.com'] })).toEqual([]);
    expect(codes(findingsOf({ ssh, principals: ['grace@example.com'] }))[0]?.[0]).toBe('UselessKey');
  });

  it('need an address to sign for', () => {
    const { line } = workshop.key('ed25519');
    const findings = teamFindings(team('risk', [{ name: 'Ada', signingKeys: [{ ssh: line }] }]));
    expect(codes(findings)).toEqual([['KeyWithoutEmail', '/spec/members/0/signingKeys', 'error']]);
  });

  it('are revoked by themselves, by SSH or by OpenPGP fingerprints, and by nothing else', () => {
    const { line } = workshop.key('ed25519');
    const revoking = (...revokedKeys: string[]) => teamFindings(team('risk', [ada], { revokedKeys }));
    const digest = `SHA256:${'A'.repeat(43)}`;
    expect(revoking(line, `${line} comment`, digest, 'ABCD'.repeat(10))).toEqual([]);
    expect(codes(revoking('SHA256:short', 'grace'))).toEqual([
      ['MalformedKey', '/spec/revokedKeys/0', 'error'],
      ['MalformedKey', '/spec/revokedKeys/1', 'error'],
    ]);
  });

  it('are never private, and such a one is refused loudly, alone and without being repeated', () => {
    const key: Key = workshop.key('ed25519');
    const text = readFileSync(key.path, 'utf8');
    const pgp = '-----BEGIN PGP PRIVATE KEY BLOCK-----\nabcd\n-----END PGP PRIVATE KEY BLOCK-----';
    for (const secret of [{ ssh: text }, { ssh: text.replaceAll('\n', ' ') }, { openpgp: pgp }]) {
      const findings = findingsOf(secret);
      expect(codes(findings)).toEqual([['PrivateKey', '/spec/members/0/signingKeys/0', 'error']]);
      const told = JSON.stringify(findings);
      for (const line of text.split('\n').slice(1, -2)) expect(told).not.toContain(line);
      expect(told).toContain('A PRIVATE KEY STANDS HERE');
    }
    expect(codes(teamFindings(team('risk', [ada], { revokedKeys: [text] })))).toEqual([
      ['PrivateKey', '/spec/revokedKeys/0', 'error'],
    ]);
  });
});
