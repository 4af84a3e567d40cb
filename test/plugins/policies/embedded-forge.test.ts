import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Draft, Proposal } from '../../../core/capabilities/forge.ts';
import type { GateVerdict } from '../../../core/capabilities/gate.ts';
import { GitForge } from '../../../plugins/forge-git/git-forge.ts';
import { temporaryFolder } from '../../fixtures/git-repository.ts';
import { whyNoOracle } from '../../libraries/git-signatures/ssh/workshop.ts';
import { makeKey, type SigningKey } from '../forge-git/signing.ts';
import { Courtroom, codes, manifest, unmet, yardFiles } from './courtroom.ts';

const eve = { name: 'Eve', email: 'eve@models.example' };
const grace = { name: 'Grace', email: 'grace@risk.example' };
const linus = { name: 'Linus', email: 'linus@risk.example' };

if (whyNoOracle !== undefined) console.warn(whyNoOracle);
describe.skipIf(whyNoOracle !== undefined)('with proposals in Git itself, signed by ssh-keygen', () => {
  let court: Courtroom;
  let folder: ReturnType<typeof temporaryFolder>;
  let forge: GitForge;
  let keys: Readonly<Record<'eve' | 'grace' | 'linus', SigningKey>>;
  let opened: Proposal;

  beforeEach(async () => {
    court = new Courtroom();
    folder = temporaryFolder();
    keys = {
      eve: makeKey(join(folder.path, 'keys'), eve.email),
      grace: makeKey(join(folder.path, 'keys'), grace.email),
      linus: makeKey(join(folder.path, 'keys'), linus.email),
    };
    const member = ({ name, email }: typeof eve, { allowed }: SigningKey) =>
      `  - { name: ${name}, emails: [${email}], signingKeys: [{ ssh: ${allowed.trim().split(' ').slice(-2).join(' ')} }] }`;
    court.commit({
      ...yardFiles,
      'teams/modelling.yaml': manifest.team('modelling', `members:\n${member(eve, keys.eve)}`),
      'teams/risk.yaml': manifest.team(
        'risk',
        `members:\n${member(grace, keys.grace)}\n${member(linus, keys.linus)}`,
      ),
      'policies/production.yaml': manifest.policy(
        'production',
        `
rules:
  - name: two
    approvals: { count: 2, from: { teams: [risk] } }
    breakGlass: { label: break-glass, by: { people: [Linus] } }
`,
      ),
    });
    const { repository, reference } = await court.registry();
    forge = new GitForge({ repository, base: reference });
    opened = await forge.open(draft('1.1.0'));
  });
  afterEach(async () => {
    await forge.stop();
    await court.close();
    folder.remove();
  });

  function draft(version: string): Draft {
    return {
      key: 'promote:Deployment/production/bird-strike',
      on: court.git.git('rev-parse', 'main'),
      changes: new Map([
        ['environments/production/bird-strike.yaml', manifest.deployment('production', version)],
      ]),
      message: `Promote bird-strike ${version}`,
      title: 'Promote',
      body: '',
      author: eve,
      sign: keys.eve.sign,
    };
  }

  const approve = (by: typeof grace, key: SigningKey | undefined, head = opened.head) =>
    forge.review(opened.number, {
      verdict: 'approve',
      head,
      body: 'good',
      by,
      ...(key === undefined ? {} : { sign: key.sign }),
    });

  async function judge(): Promise<GateVerdict> {
    const proposal = await forge.get(opened.number);
    if (proposal === undefined) throw new Error('the proposal is gone');
    const reviews = await forge.reviews(opened.number);
    return court.judgeProposal(proposal, { reviews, forge: 'git', now: new Date().toISOString() });
  }

  it('counts what two members of the team signed themselves', async () => {
    await approve(grace, keys.grace);
    await approve(linus, keys.linus);
    const verdict = await judge();
    expect(codes(verdict)).toEqual(['CheckPassed', 'Approved']);
    expect(verdict.approvals?.map(({ by }) => by.email)).toEqual([grace.email, linus.email]);
  });

  it('counts nothing that was written in their names: unsigned, or signed by another', async () => {
    await approve(grace, undefined);
    await approve(linus, keys.eve);
    const [missing] = unmet(await judge());
    expect(missing?.message).toMatch(
      /has none – Grace approved, but without a signature; Linus approved, but /,
    );
  });

  it('counts no approval of the author, who signed it well', async () => {
    await approve(eve, keys.eve);
    expect(unmet(await judge())[0]?.message).toContain('Eve approved a change of their own');
  });

  it('counts nothing after a push, until it is approved anew', async () => {
    await approve(grace, keys.grace);
    await approve(linus, keys.linus);
    const { head } = await forge.update(opened.number, draft('1.0.1'), opened.head);
    expect(unmet(await judge())[0]?.message).toContain('has none – Grace approved on an earlier commit');
    await approve(grace, keys.grace, head);
    await approve(linus, keys.linus, head);
    expect(codes(await judge())).toContain('Approved');
  });

  it('lets the named person alone break the glass, by their own signature', async () => {
    await forge.label(opened.number, 'break-glass', 'add', linus, keys.grace.sign);
    expect(await judge()).toMatchObject({ allowed: false });
    await forge.label(opened.number, 'break-glass', 'add', grace, keys.grace.sign);
    expect(await judge()).toMatchObject({ allowed: false });
    expect(court.journal).toEqual([]);
    await forge.label(opened.number, 'break-glass', 'remove', linus, keys.linus.sign);
    await forge.label(opened.number, 'break-glass', 'add', linus, keys.linus.sign);
    expect(await judge()).toMatchObject({ allowed: true, breakGlass: { by: 'Linus' } });
    await forge.update(opened.number, draft('1.0.1'), opened.head);
    expect(await judge()).toMatchObject({ allowed: false });
    await forge.label(opened.number, 'break-glass', 'add', linus, keys.linus.sign);
    expect(await judge(), 'put on again').toMatchObject({ allowed: true, breakGlass: { by: 'Linus' } });
  });
});
