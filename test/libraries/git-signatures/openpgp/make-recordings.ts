import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gpgCases } from './cases.ts';
import { noon, Workshop, whyNoOracle } from './workshop.ts';

/*
 * Writes recordings.json anew: what gpg made for each case, and what git and gpg said of it. For machines without gpg.
 *   node --import tsx test/libraries/git-signatures/openpgp/make-recordings.ts && npm run format
 */
if (whyNoOracle !== undefined) throw new Error(whyNoOracle);
const workshop = new Workshop();
try {
  const repository = workshop.repository();
  const recordings = Object.entries(gpgCases(workshop)).map(([name, make]) => {
    const { object, keyring, at = noon, email, verdict } = make();
    const commit = workshop.store(repository, 'commit', object);
    const { isGood } = workshop.askGit(repository, commit, { keyring, at });
    return {
      name,
      object: object.toString().split('\n'),
      keyring: keyring.split('\n'),
      at,
      email,
      verdict,
      isGoodForGit: isGood,
    };
  });
  const versions = [workshop.run('gpg', ['--version']), workshop.run('git', ['--version'])];
  const madeBy = versions.map((text) => text.toString().split('\n')[0]);
  writeFileSync(
    join(import.meta.dirname, 'recordings.json'),
    `${JSON.stringify({ madeBy, recordings }, null, 2)}\n`,
  );
} finally {
  workshop.close();
}
