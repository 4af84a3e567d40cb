import type { ArtifactStore, OpenArtifact, OpenedArtifact } from '../../core/capabilities/artifact-store.ts';
import { messageOf } from '../../core/plugin.ts';
import { ObjectStorage, ObjectStorageError } from '../../libraries/object-storage/index.ts';
import type { CredentialPlaces } from './credentials.ts';
import { artifactRefused, artifactTooLarge, artifactUnreachable } from './errors.ts';
import { content } from './http-body.ts';
import { bucketName, type KnownBucket, knownBucket } from './s3-settings.ts';
import { explained } from './s3-trouble.ts';
import type { ArtifactSettings } from './settings.ts';

/** Reads `s3:` artifacts: objects of a bucket, from whatever speaks the HTTP API of Amazon S3. */
export function s3Store(settings: ArtifactSettings, places: CredentialPlaces): ArtifactStore {
  return {
    async open({ uri, maxBytes, resume, signal }: OpenArtifact): Promise<OpenedArtifact> {
      const { bucket, key } = placeIn(uri);
      const where = `s3://${bucket}/${key}`;
      const known = knownBucket(settings.s3, bucket, places);
      if (known === undefined) {
        throw artifactRefused(
          where,
          `this machine reads no artifacts from the bucket ${bucket}`,
          'Name a bucket of artifacts.s3, or let the operator add this one there.',
        );
      }
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(settings.totalTimeoutMs)]);
      const storage = new ObjectStorage({
        place: known.place,
        credentials: () => keysFor(known, where),
        idleMs: settings.connectTimeoutMs,
      });
      const rest = resume && { from: resume.from, tag: resume.validator };
      const opening = storage.open(key, rest, deadline).catch((error) => {
        // It has become another object, or a shorter one.
        if (rest === undefined || !isStale(error)) throw error;
        return storage.open(key, undefined, deadline);
      });
      const { body, bytes, from, tag } = await opening.catch((error) => {
        if (signal.aborted) throw signal.reason;
        if (deadline.aborted)
          throw artifactUnreachable(where, `not there within ${settings.totalTimeoutMs} ms`);
        throw error instanceof ObjectStorageError ? explained(error, where, known.place) : error;
      });
      if (maxBytes !== undefined && bytes !== undefined && bytes > maxBytes) {
        body.destroy();
        throw artifactTooLarge(where, maxBytes, `the object has ${bytes}`);
      }
      const limit = maxBytes ?? Number.POSITIVE_INFINITY;
      return {
        size: bytes,
        from,
        ...(tag === undefined ? {} : { validator: tag }),
        body: content(body, where, { from, limit }, settings, { signal, deadline }),
      };
    },
  };
}

/** Nothing of a URI that cannot be taken apart is shown: it may hold a password. */
function placeIn(uri: string): { readonly bucket: string; readonly key: string } {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]*)\/([^\p{Cc}]{1,1024})$/u.exec(uri) ?? [];
  const leadsAway = key.split('/').some((step) => step === '.' || step === '..');
  if (bucketName.test(bucket) && key !== '' && !leadsAway) return { bucket, key };
  throw artifactRefused(
    'artifact.uri',
    'its s3 URI names no object in a bucket',
    'Write s3://, the bucket, a slash and the key: s3://models/bird-strike/1.0.0.onnx.',
  );
}

async function keysFor({ credentials }: KnownBucket, where: string) {
  try {
    return await credentials();
  } catch (error) {
    throw artifactUnreachable(where, `the credentials of its bucket cannot be read: ${messageOf(error)}`);
  }
}

function isStale(error: unknown): boolean {
  return error instanceof ObjectStorageError && (error.status === 412 || error.status === 416);
}
