import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verifyCommit } from '../../../libraries/openpgp-signatures/index.ts';

interface Recording {
  readonly name: string;
  readonly object: readonly string[];
  readonly keyring: readonly string[];
  readonly at: number;
  readonly email?: string;
  readonly verdict: string;
}

const file = readFileSync(join(import.meta.dirname, 'recordings.json'), 'utf8');
const { recordings } = JSON.parse(file) as { recordings: Recording[] };

describe('what gpg made once, where there is no gpg', () => {
  it('is there', () => {
    expect(recordings.length).toBeGreaterThan(40);
  });

  it.each(recordings.map((one) => [one.name, one] as const))('decides on %s', (_name, one) => {
    const object = Buffer.from(one.object.join('\n'));
    const { keyring, at, email, verdict } = one;
    const answer = verifyCommit({ object, keyring: keyring.join('\n'), at, email });
    expect(answer.verdict, answer.reason).toBe(verdict);
  });
});
