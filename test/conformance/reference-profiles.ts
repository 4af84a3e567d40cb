/** What every `reference-profiles` promises. A provider's test file calls this with registries of which it knows what they hold. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LoadReferenceProfile, ReferenceProfiles } from '../../core/capabilities/reference-profiles.ts';
import { codeOf } from '../../core/plugin.ts';

export type Asked = Pick<LoadReferenceProfile, 'of' | 'find'>;

export interface ProfilesUnderTest {
  readonly profiles: ReferenceProfiles;
  /** A version of a dataset that names a profile, and the version of a model that was trained on it. */
  readonly dataset: Asked;
  readonly model: Asked;
  /** By the code of its refusal. What is too large may have been refused with its manifest, before anybody asks. */
  readonly refused: Readonly<Record<RefusalCode, readonly Asked[]>>;
  close(): Promise<void>;
}

export type RefusalCode =
  | 'ReferenceProfileMissing'
  | 'ProfileTampered'
  | 'ProfileOfOtherData'
  | 'ProfileUnusable';

export function referenceProfilesSuite(name: string, open: () => Promise<ProfilesUnderTest>): void {
  describe(`reference profiles ${name}`, () => {
    let subject: ProfilesUnderTest;
    beforeAll(async () => {
      subject = await open();
    });
    afterAll(() => subject.close());
    const load = (asked: Asked, signal = new AbortController().signal) =>
      subject.profiles.load({ ...asked, signal });

    test('gives the bytes that the registry holds, by their digest', async () => {
      const { profile, digest, path, ...names } = await load(subject.dataset);
      expect(subject.dataset.of).toEqual(names);
      expect(digest).toBe(`sha256:${createHash('sha256').update(profile).digest('hex')}`);
      expect(path).not.toMatch(/^\/|\.\./);
      expect(JSON.parse(profile)).toBeTypeOf('object');
    });

    test('gives of the version of a model what it was trained on', async () => {
      expect(await load(subject.model)).toEqual(await load(subject.dataset));
    });

    test('gives the same to two at once: to load changes nothing', async () => {
      const [one, other] = await Promise.all([load(subject.dataset), load(subject.dataset)]);
      expect(one).toEqual(other);
    });

    test('refuses what is not there or not right, by its code, each time anew', async () => {
      for (const [code, all] of Object.entries(subject.refused)) {
        expect(all.length, code).toBeGreaterThan(0);
        for (const asked of [...all, ...all]) {
          const thrown = await load(asked).then(
            () => undefined,
            (error: unknown) => error,
          );
          expect(codeOf(thrown), `${code} ${JSON.stringify(asked.of)}`).toBe(code);
        }
      }
    });

    test('gives nothing to who has gone', async () => {
      await expect(load(subject.dataset, AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
    });
  });
}
