import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyCommit } from '../../../../libraries/git-signatures/openpgp/index.ts';
import { gpgCases } from './cases.ts';
import { noon, Workshop, whyNoOracle } from './workshop.ts';

if (whyNoOracle !== undefined) console.warn(whyNoOracle);

describe.skipIf(whyNoOracle !== undefined)('verifying commits as git and gpg do', () => {
  const workshop = new Workshop();
  let repository: string;

  beforeAll(() => {
    repository = workshop.repository();
  });
  afterAll(() => workshop.close());

  const cases = gpgCases(workshop);
  it.each(Object.keys(cases))('agrees on %s', (name) => {
    const { object, keyring, at = noon, email, ...expected } = (cases[name] as (typeof cases)[string])();
    const ours = verifyCommit({ object, keyring, at, email });
    const git = workshop.askGit(repository, workshop.store(repository, 'commit', object), { keyring, at });
    expect(ours.verdict, `${ours.reason}\n${git.output}`).toBe(expected.verdict);
    if (expected.reason !== undefined) expect(ours.reason).toMatch(expected.reason);
    if (expected.userIds !== undefined) expect(ours.userIds).toEqual(expected.userIds);
    const isGood = (expected.verdict === 'good') === (expected.isAboutThePast !== true);
    expect(git.isGood, git.output).toBe(isGood || expected.isStricter === true);
  });
});
