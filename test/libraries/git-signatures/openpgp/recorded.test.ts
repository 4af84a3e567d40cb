import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseKeyring, verifyCommit } from '../../../../libraries/git-signatures/openpgp/index.ts';

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

  it.each(
    recordings
      .filter(({ name }) => name.startsWith('a good signature of'))
      .map((one) => [one.name, one] as const),
  )('is not good with any one byte flipped: %s', (_name, { object: lines, keyring: keys, at }) => {
    const object = Buffer.from(lines.join('\n'));
    const keyring = parseKeyring(keys.join('\n'));
    expect(verifyCommit({ object, keyring, at }).verdict).toBe('good');
    const good: number[] = [];
    for (let place = 0; place < object.length; place++) {
      for (const mask of [1 << (place & 7), 0xff]) {
        const flipped = Buffer.from(object);
        flipped.writeUInt8(flipped.readUInt8(place) ^ mask, place);
        if (verifyCommit({ object: flipped, keyring, at }).verdict === 'good') good.push(place);
      }
    }
    expect(good).toEqual([]);
  });
});
