import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { packageFile } from '../../libraries/package-files/index.ts';

it('takes a signed Git object apart in one way, whichever library verifies it', () => {
  // Each of the two stands alone, and none may believe a payload that the other would not.
  const [ssh, openPgp] = ['ssh-signatures', 'openpgp-signatures'].map((library) =>
    readFileSync(packageFile(`libraries/${library}/git-object.ts`), 'utf8'),
  );
  expect(openPgp).toBe(ssh);
});
