import type { ArtifactStore, OpenArtifact, OpenedArtifact } from '../../core/capabilities/artifact-store.ts';
import type { Attachment, Host, Resource } from '../../core/plugin.ts';
import { largestPointer, looksLikePointer, parsePointer } from '../../libraries/git-lfs/index.ts';
import { pathOfUri } from '../../libraries/manifest-path/index.ts';
import { artifactMissing, artifactRefused, artifactTooLarge, pointerMismatch } from './errors.ts';
import type { LfsObjects } from './lfs-objects.ts';

/**
 * Reads `file:` artifacts: files of the very commit that declares them, which the resource lists as attachments. They are
 * streamed from Git's object store, so that no working tree is needed and memory does not grow with their size. A Git LFS
 * pointer is followed where there is somebody to ask.
 */
export function fileStore(readBlob: Host['readBlob'], lfs?: LfsObjects): ArtifactStore {
  return {
    async open(request: OpenArtifact): Promise<OpenedArtifact> {
      const { uri, resource, maxBytes, signal } = request;
      const { path, size, blob } = attachmentOf(uri, resource);
      if (size < largestPointer) {
        const text = await textOf(readBlob(blob), signal);
        if (looksLikePointer(text)) return openPointer(text, path, request, lfs);
      }
      if (maxBytes !== undefined && size > maxBytes)
        throw artifactTooLarge(path, maxBytes, `the file has ${size}`);
      return { size, body: content(readBlob(blob), signal) };
    },
  };
}

async function openPointer(
  text: string,
  path: string,
  request: OpenArtifact,
  lfs: LfsObjects | undefined,
): Promise<OpenedArtifact> {
  const pointer = parsePointer(text);
  if (pointer === undefined) {
    throw artifactRefused(
      path,
      'the commit holds a Git LFS pointer that cannot be followed',
      'Write it anew with `git lfs`, without extensions, or commit the content itself.',
    );
  }
  const { digest, maxBytes } = request;
  if (digest !== undefined && digest !== `sha256:${pointer.oid}`)
    throw pointerMismatch(path, `sha256:${pointer.oid}`, digest);
  if (maxBytes !== undefined && pointer.size > maxBytes)
    throw artifactTooLarge(path, maxBytes, `its Git LFS pointer says ${pointer.size}`);
  if (lfs === undefined) {
    throw artifactMissing(
      path,
      'the commit holds a Git LFS pointer instead of the content',
      'Commit the content itself, or name another URI where it lies.',
    );
  }
  return { ...(await lfs.open(pointer, path, request)), size: pointer.size };
}

/** A path in a `file:` URI counts from the manifest's folder; with a leading slash, from the repository's root. */
function attachmentOf(uri: string, { attachments, origin }: Resource): Attachment {
  const path = pathOfUri({ origin }, uri);
  if (path === undefined) throw refusedPath();
  const found = attachments.find((attachment) => attachment.path === path);
  if (found !== undefined) return found;
  throw artifactMissing(
    path,
    'the commit holds no such file',
    'The path counts from the manifest. Commit the file together with it.',
  );
}

async function* content(pieces: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    signal.throwIfAborted();
    yield piece;
  }
}

async function textOf(pieces: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<string> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) {
    signal.throwIfAborted();
    all.push(piece);
  }
  return Buffer.concat(all).toString('utf8');
}

/** The URI itself is not repeated: it may hold a password. */
function refusedPath() {
  return artifactRefused(
    'artifact.uri',
    'its file URI names no file inside the repository',
    'Write file: and a path from the manifest, such as file:1.3.0.onnx.',
  );
}
