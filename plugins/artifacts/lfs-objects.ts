import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import type { OpenArtifact, OpenedArtifact } from '../../core/capabilities/artifact-store.ts';
import type { Registry } from '../../core/capabilities/registry.ts';
import {
  batchRequest,
  type LfsPointer,
  lfsMediaType,
  readBatchAnswer,
} from '../../libraries/git-lfs/index.ts';
import { authorizationFor, type CredentialPlaces } from './credentials.ts';
import { artifactMissing, artifactRefused, artifactUnreachable } from './errors.ts';
import { gitAuthorization } from './git-credentials.ts';
import { content } from './http-body.ts';
import { ask, isLoopback, shown } from './http-request.ts';
import { checkedUrl, openOverHttp, refusal } from './http-store.ts';
import { type LfsServer, lfsPlaces } from './lfs-places.ts';
import type { ArtifactSettings } from './settings.ts';

/** The content of Git LFS pointers of the registry. */
export interface LfsObjects {
  /** @param path Of the pointer, for errors. */
  open(pointer: LfsPointer, path: string, request: OpenArtifact): Promise<OpenedArtifact>;
}

/** A little more than the longest answer for one object. */
const largestAnswer = 256 * 1024;

/** Opens what pointers stand for: from the objects beside the repository, else from the remote's LFS server. */
export function lfsObjects(
  registry: () => Pick<Registry, 'location' | 'repository'>,
  settings: ArtifactSettings,
  places: CredentialPlaces,
): LfsObjects {
  return {
    async open(pointer, path, request) {
      const { resource, signal } = request;
      const { folders, server } = await lfsPlaces(registry(), resource.origin.commit, settings);
      for (const folder of folders) {
        const file = join(folder, pointer.oid.slice(0, 2), pointer.oid.slice(2, 4), pointer.oid);
        const facts = await stat(file).catch(() => undefined);
        if (facts?.isFile() && facts.size === pointer.size) return fromDisk(file, path, request, settings);
      }
      if (server === undefined) {
        throw artifactMissing(
          path,
          'the commit holds a Git LFS pointer, and nothing says where its content is',
          'Run `git lfs fetch` in the repository, name the server in artifacts.lfs.url, or commit the content itself.',
        );
      }
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(settings.totalTimeoutMs)]);
      return fromServer(server, pointer, path, request, { signal, deadline });
    },
  };

  async function fromServer(
    server: LfsServer,
    pointer: LfsPointer,
    path: string,
    { maxBytes, resume, signal }: OpenArtifact,
    times: { readonly signal: AbortSignal; readonly deadline: AbortSignal },
  ): Promise<OpenedArtifact> {
    const batch = checkedUrl(`${server.url.replace(/\/+$/, '')}/objects/batch`);
    const authorization = await batchAuthorization(server, batch, signal);
    const answer = await ask(
      batch,
      {
        method: 'POST',
        headers: {
          accept: lfsMediaType,
          'content-type': lfsMediaType,
          ...(authorization === undefined ? {} : { authorization }),
        },
        body: batchRequest(pointer),
      },
      // The operator's own remote may be in a private network; what a commit names may not lead there.
      server.isTrusted ? { ...settings, allowPrivate: true, allowLoopback: true } : settings,
      times,
    );
    const { href, headers, isAuthenticated } = await read(answer, batch, pointer, path, times);
    const target = checkedUrl(new URL(href, batch).href);
    const isSafe = target.protocol === 'https:' || isLoopback(target.hostname);
    if (!isSafe && Object.keys(headers).length > 0) {
      throw artifactRefused(
        shown(target),
        'the LFS server wants credentials sent to it in clear',
        'Let the server offer its downloads over https.',
      );
    }
    const isHome = target.origin === batch.origin;
    const own: Record<string, string> = { ...headers };
    if (isHome && !isAuthenticated && authorization !== undefined) own.authorization ??= authorization;
    // An object never changes under its name, so that there is nothing to compare.
    const validator = `lfs:${pointer.oid}`;
    const rest = resume?.validator === validator ? resume : undefined;
    const opened = await openOverHttp(
      target,
      async () => own,
      { maxBytes, signal, ...(rest === undefined ? {} : { resume: rest }) },
      server.isTrusted && isHome ? { ...settings, allowPrivate: true, allowLoopback: true } : settings,
      { isImmutable: true },
    );
    return { ...opened, validator };
  }

  /** What the operator gives the host by name; else what Git gives the remote, where the server is at the same place. */
  async function batchAuthorization(server: LfsServer, url: URL, signal: AbortSignal) {
    const named = await authorizationFor(url, settings, places, isLoopback(url.hostname));
    if (named !== undefined || server.remote === undefined) return named;
    if (url.protocol !== 'https:' && !isLoopback(url.hostname)) return undefined;
    return gitAuthorization(server.remote, places.environment, signal);
  }

  async function read(
    answer: IncomingMessage,
    url: URL,
    pointer: LfsPointer,
    path: string,
    times: { readonly signal: AbortSignal; readonly deadline: AbortSignal },
  ) {
    const { statusCode = 0 } = answer;
    if (statusCode !== 200) {
      answer.destroy();
      if (statusCode === 404) {
        throw artifactMissing(
          path,
          `the commit holds a Git LFS pointer, and there is no LFS server at ${shown(url)}`,
          'Run `git lfs fetch` in the repository, or name the server in artifacts.lfs.url.',
        );
      }
      throw refusal(statusCode, url);
    }
    const pieces: Uint8Array[] = [];
    const limits = { from: 0, limit: largestAnswer };
    for await (const piece of content(answer, shown(url), limits, settings, times)) pieces.push(piece);
    const said = readBatchAnswer(Buffer.concat(pieces).toString('utf8'), pointer);
    if (said === undefined) throw artifactUnreachable(shown(url), 'its answer is none of the LFS batch API');
    if ('href' in said) return said;
    if (said.code !== undefined && said.code >= 500) throw artifactUnreachable(shown(url), said.problem);
    throw artifactMissing(
      path,
      `the LFS server of ${url.host} does not have its content: ${said.problem}`,
      'Push it there: `git lfs push --all <remote>`.',
    );
  }
}

/** Who writes the folder is who runs this machine; the caller hashes what it reads all the same. */
function fromDisk(
  file: string,
  path: string,
  { signal, maxBytes }: OpenArtifact,
  settings: ArtifactSettings,
): OpenedArtifact {
  const limits = { from: 0, limit: maxBytes ?? Number.POSITIVE_INFINITY };
  return {
    size: undefined,
    body: content(createReadStream(file), path, limits, settings, { signal, deadline: signal }),
  };
}
