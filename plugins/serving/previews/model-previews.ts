import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelPreview, Preview, PreviewToServe } from '../../../core/capabilities/model-preview.ts';
import type { VersionToServe } from '../../../core/capabilities/serving-runtime.ts';
import type { ArtifactFetcher } from '../artifacts/artifact-fetcher.ts';
import { checkRoutingTable } from '../dataplane/interface/check-routing-table.ts';
import type { RoutingTable, ServedDeployment } from '../dataplane/interface/routing-table.ts';
import { PreviewProcess } from './preview-process.ts';

export interface ModelPreviewsOptions {
  readonly fetcher: ArtifactFetcher;
  /** Where tables of previews lie while they run. */
  readonly folder: string;
  readonly program: string;
}

const loadTimeoutMs = 120_000;

/** Opens inference processes that know one preview each. How many may run is for the caller to say. */
export class ModelPreviews implements ModelPreview {
  readonly #options: ModelPreviewsOptions;
  readonly #running = new Map<PreviewProcess, readonly string[]>();
  readonly #opening = new Set<readonly string[]>();
  #next = 0;

  constructor(options: ModelPreviewsOptions) {
    this.#options = options;
  }

  async open(preview: PreviewToServe, signal: AbortSignal): Promise<Preview> {
    const digests = preview.models.flatMap(({ versions }) => versions.map(({ artifact }) => artifact.digest));
    this.#opening.add(digests);
    try {
      const table = await this.#tableOf(preview, signal);
      const { folder, program } = this.#options;
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const tablePath = join(folder, `${process.pid}-${this.#next++}.json`);
      const { maxBytes } = preview;
      const started = await PreviewProcess.start(
        { program, tablePath, table, maxBytes, loadTimeoutMs },
        signal,
      );
      this.#running.set(started, digests);
      void started.ended.then(() => this.#running.delete(started));
      return started;
    } finally {
      this.#opening.delete(digests);
    }
  }

  /** Digests that the cache must keep: a worker that is lost is started anew from the file. */
  neededDigests(): readonly string[] {
    return [...this.#running.values(), ...this.#opening].flat();
  }

  processes(): readonly number[] {
    return [...this.#running.keys()].flatMap(({ pid }) => pid ?? []);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((one) => one.close()));
  }

  async #tableOf({ commit, models }: PreviewToServe, signal: AbortSignal): Promise<RoutingTable> {
    const deployments: ServedDeployment[] = [];
    for (const { name, model, versions } of models) {
      const pinned = [];
      for (const version of versions)
        pinned.push(pin(version, await this.#options.fetcher.obtain(version, signal)));
      deployments.push({
        environment,
        name,
        model,
        commit,
        generation: commit,
        versions: pinned,
        variants: versions.map(({ version }, index) => ({
          version,
          role: index === 0 ? 'stable' : 'candidate',
          weight: index === 0 ? 100 : 0,
        })),
        batching: { maxBatchSize: 1, maxDelayMs: 0 },
        limits: { maxQueue: 16, timeoutMs: 30_000 },
      });
    }
    return checkRoutingTable({
      format: 1,
      revision: 1,
      publishedAt: new Date().toISOString(),
      defaultEnvironment: environment,
      deployments,
    });
  }
}

const environment = 'preview';

/** In a thread of its own, so that a run which never ends does not keep the process from noticing that control is gone. */
function pin({ version, artifact, signature, examples, session }: VersionToServe, path: string) {
  const { digest, size } = artifact;
  const settings = session === undefined ? {} : { session };
  return { version, digest, size, path, signature, examples, ...settings, placement: 'worker' as const };
}
