/** What every `artifact-store` promises. A provider's test file calls this with a way to put bytes into its store. */
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ArtifactStore, OpenArtifact } from '../../core/capabilities/artifact-store.ts';
import type { Resource } from '../../core/plugin.ts';

export interface StoreUnderTest {
  readonly store: ArtifactStore;
  /** Puts bytes where the store finds them. */
  put(bytes: Uint8Array): Promise<{ readonly uri: string; readonly resource: Resource }>;
  /** A well-formed URI behind which nothing is. */
  missing(): Promise<{ readonly uri: string; readonly resource: Resource }>;
  /** URIs that must be refused without a look at what they name. */
  readonly hostile: readonly string[];
  close(): Promise<void>;
}

export function artifactStoreSuite(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`artifact store ${name}`, () => {
    let subject: StoreUnderTest;
    beforeAll(async () => {
      subject = await open();
    });
    afterAll(() => subject.close());

    const request = (
      found: { uri: string; resource: Resource },
      more: Partial<OpenArtifact> = {},
    ): OpenArtifact => ({
      ...found,
      signal: new AbortController().signal,
      ...more,
    });

    test.each([0, 1, 100_000, 3_000_000])('gives back %i bytes as they were put', async (length) => {
      const bytes = randomBytes(length);
      const opened = await subject.store.open(request(await subject.put(bytes)));
      expect([undefined, length]).toContain(opened.size);
      const hash = createHash('sha256');
      for await (const piece of opened.body) hash.update(piece);
      expect(hash.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
    });

    test('opens the same artifact again, and twice at once', async () => {
      const found = await subject.put(Buffer.from('the same'));
      const texts = await Promise.all(
        [1, 2].map(async () => textOf(await subject.store.open(request(found)))),
      );
      expect(texts).toEqual(['the same', 'the same']);
      expect(await textOf(await subject.store.open(request(found)))).toBe('the same');
    });

    test('says ArtifactMissing when nothing is there', async () => {
      await expect(read(request(await subject.missing()))).rejects.toMatchObject({ code: 'ArtifactMissing' });
    });

    test('stops with ArtifactTooLarge beyond the declared size', async () => {
      const found = await subject.put(randomBytes(200_000));
      await expect(read(request(found, { maxBytes: 150_000 }))).rejects.toMatchObject({
        code: 'ArtifactTooLarge',
      });
      expect(await read(request(found, { maxBytes: 200_000 }))).toBe(200_000);
    });

    test('stops when the caller gives up', async () => {
      const found = await subject.put(randomBytes(3_000_000));
      const controller = new AbortController();
      const reason = new Error('enough');
      const reading = (async () => {
        const opened = await subject.store.open(request(found, { signal: controller.signal }));
        for await (const _piece of opened.body) controller.abort(reason);
      })();
      await expect(reading).rejects.toBe(reason);
    });

    test('refuses hostile URIs and repeats no password of theirs', async () => {
      const { resource } = await subject.missing();
      for (const uri of subject.hostile) {
        const error = await read(request({ uri, resource })).then(
          () => undefined,
          (thrown: unknown) => thrown as Error & { code: string; where?: string; hint?: string },
        );
        expect([uri, error?.code]).toEqual([uri, 'ArtifactRefused']);
        expect(`${error?.message} ${error?.where} ${error?.hint} ${error?.stack}`).not.toContain('hunter2');
      }
    });

    async function read(opening: OpenArtifact): Promise<number> {
      let bytes = 0;
      for await (const piece of (await subject.store.open(opening)).body) bytes += piece.byteLength;
      return bytes;
    }
  });
}

async function textOf(opened: { body: AsyncIterable<Uint8Array> }): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of opened.body) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}
