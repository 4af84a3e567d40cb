/** What every `secret-store` promises. A provider's test file calls this with a way to put values where it finds them. */
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SecretQuestion, SecretStore } from '../../core/capabilities/secret-store.ts';
import { isCodedError } from '../../core/plugin.ts';

export interface SecretStoreUnderTest {
  readonly store: SecretStore;
  /** Puts values where the store finds them, and says how a Secret asks for them. */
  put(values: Readonly<Record<string, string>>): Promise<SecretQuestion>;
  /** Well-formed, and nothing is there; undefined where a question brings what it asks for. */
  readonly missing: SecretQuestion | undefined;
  /** What makes no sense to the store. */
  readonly senseless: readonly SecretQuestion[];
  /** What the operator, or the store, does not allow. */
  readonly refused: readonly SecretQuestion[];
  close(): Promise<void>;
}

export function secretStoreSuite(name: string, open: () => Promise<SecretStoreUnderTest>): void {
  describe(`secret store ${name}`, () => {
    let subject: SecretStoreUnderTest;
    beforeAll(async () => {
      subject = await open();
    });
    afterAll(() => subject.close());
    const read = (question: SecretQuestion, signal = new AbortController().signal) =>
      subject.store.read(question, signal);
    const failureOf = (question: SecretQuestion) =>
      read(question).then(
        () => undefined,
        (error: unknown) => error,
      );

    test('gives the values by key, as they were put', async () => {
      const put = {
        token: 'swordfish',
        key: '-----BEGIN KEY-----\nAAAA\n-----END KEY-----',
        text: 'ß ✓ "\'',
      };
      const { values } = await read(await subject.put(put));
      expect([...values].map(([key, value]) => [key, value.reveal()]).sort()).toEqual(
        Object.entries(put).sort(),
      );
    });

    test('gives a new value once it is put, also to two who ask at once', async () => {
      await read(await subject.put({ token: 'old' }));
      const question = await subject.put({ token: 'new' });
      const answers = await Promise.all([read(question), read(question)]);
      for (const { values } of answers) expect(values.get('token')?.reveal()).toBe('new');
    });

    test('shows no value in what is printed or serialised', async () => {
      const answer = await read(await subject.put({ token: 'swordfish' }));
      const shown = [
        JSON.stringify([...answer.values]),
        inspect(answer, { depth: 9 }),
        JSON.stringify(answer),
      ];
      for (const text of [...shown, `${answer.values.get('token')}`]) expect(text).not.toContain('swordfish');
      expect(shown[0]).toBe('[["token","[secret]"]]');
    });

    test('says that there is nothing where nothing is', async ({ skip }) => {
      if (subject.missing === undefined) return skip('a question brings what it asks for');
      expect(await failureOf(subject.missing)).toMatchObject({ code: 'SecretMissing' });
    });

    test('refuses what makes no sense, and what is not allowed', async () => {
      expect(subject.senseless.length).toBeGreaterThan(0);
      for (const question of subject.senseless) {
        expect(await failureOf(question)).toMatchObject({ code: 'SecretPlaceInvalid' });
      }
      for (const question of subject.refused) {
        const failure = await failureOf(question);
        expect(failure).toMatchObject({ code: 'SecretRefused' });
        expect(isCodedError(failure) && failure.hint).toMatch(/\.$/);
      }
    });

    test('ends when it is told to', async () => {
      const stop = new AbortController();
      stop.abort(new Error('stopped'));
      await expect(read(await subject.put({ token: 'x' }), stop.signal)).rejects.toThrow('stopped');
    });
  });
}
