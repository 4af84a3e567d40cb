import type { ArtifactStore, OpenArtifact, OpenedArtifact } from '../../core/capabilities/artifact-store.ts';
import type { Attachment, Host, Resource } from '../../core/plugin.ts';
import { pathOfUri } from '../../libraries/manifest-path/index.ts';
import { artifactMissing, artifactRefused, artifactTooLarge } from './errors.ts';

const lfsPointer = 'version https://git-lfs.github.com/spec/';

/**
 * Reads `file:` artifacts: files of the very commit that declares them, which the resource lists as attachments. They are
 * streamed from Git's object store, so that no working tree is needed and memory does not grow with their size.
 */
export function fileStore(readBlob: Host['readBlob']): ArtifactStore {
  return {
    async open({ uri, resource, maxBytes, signal }: OpenArtifact): Promise<OpenedArtifact> {
      const attachment = attachmentOf(uri, resource);
      if (maxBytes !== undefined && attachment.size > maxBytes) {
        const text = await beginning(readBlob(attachment.blob));
        if (text.startsWith(lfsPointer)) throw pointerInsteadOfContent(attachment.path);
        throw artifactTooLarge(attachment.path, maxBytes, `the file has ${attachment.size}`);
      }
      return { size: attachment.size, body: content(readBlob(attachment.blob), attachment.path, signal) };
    },
  };
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

async function* content(
  pieces: AsyncIterable<Uint8Array>,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let first = true;
  for await (const piece of pieces) {
    signal.throwIfAborted();
    if (first && textOf(piece).startsWith(lfsPointer)) throw pointerInsteadOfContent(path);
    first = false;
    yield piece;
  }
}

async function beginning(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  for await (const piece of pieces) return textOf(piece);
  return '';
}

function textOf(piece: Uint8Array): string {
  return Buffer.from(piece.buffer, piece.byteOffset, Math.min(piece.byteLength, lfsPointer.length)).toString(
    'latin1',
  );
}

function pointerInsteadOfContent(path: string) {
  return artifactMissing(
    path,
    'the commit holds a Git LFS pointer instead of the content',
    'Commit the content itself, or name an http(s) URI where it lies.',
  );
}

/** The URI itself is not repeated: it may hold a password. */
function refusedPath() {
  return artifactRefused(
    'artifact.uri',
    'its file URI names no file inside the repository',
    'Write file: and a path from the manifest, such as file:1.3.0.onnx.',
  );
}
