/** A platform in this process that runs from the template's registry: kernel, plugins, status API, and real preview processes. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type Draft, type Forge, forge, type Proposal } from '../../../core/capabilities/forge.ts';
import { modelPreview } from '../../../core/capabilities/model-preview.ts';
import { type Kernel, startKernel } from '../../../core/kernel.ts';
import { definePlugin, type PluginDefinition } from '../../../core/plugin.ts';
import { MemoryStore } from '../../../core/state/memory-store.ts';
import { openSource } from '../../../libraries/git/source.ts';
import { plugin as artifacts } from '../../../plugins/artifacts/index.ts';
import { plugin as environments } from '../../../plugins/environments/index.ts';
import { plugin as forgeGit } from '../../../plugins/forge-git/index.ts';
import { plugin as models } from '../../../plugins/models/index.ts';
import { plugin as previews } from '../../../plugins/previews/index.ts';
import { plugin as rollout } from '../../../plugins/rollout/index.ts';
import { plugin as serving } from '../../../plugins/serving/index.ts';
import type { ModelPreviews } from '../../../plugins/serving/previews/model-previews.ts';
import { type App, createApp } from '../../../server/api/app.ts';
import { recordingLog } from '../../fixtures/recording-log.ts';
import { TemplateRegistry } from '../../fixtures/template-registry.ts';
import { goose } from './goose.ts';

const ada = { name: 'Ada', email: 'ada@example.com' };

export class PreviewWorld {
  readonly registry = new TemplateRegistry();
  readonly log = recordingLog();
  #kernel: Kernel | undefined;
  #app: App | undefined;
  #forge: Forge | undefined;
  #previews: ModelPreviews | undefined;
  #close: (() => Promise<void>) | undefined;

  async open(settings: Readonly<Record<string, unknown>> = {}, token?: string): Promise<void> {
    await this.registry.make();
    const { log } = this;
    const source = await openSource({
      location: this.registry.folder,
      interval: 3_600_000,
      folder: join(this.registry.parent, 'source'),
      log,
      onLook: () => this.#kernel?.noticed(),
    });
    const probe = definePlugin({
      name: 'probe',
      description: 'Asks for the forge.',
      needs: { forges: forge, runtimes: modelPreview },
      setup: (_host, { forges, runtimes }) => {
        this.#forge = forges.get('git');
        this.#previews = runtimes.get('onnxruntime') as ModelPreviews;
      },
    });
    const definitions = [environments, models, artifacts, serving, rollout, forgeGit, previews, probe];
    const kernel = await startKernel({
      source,
      store: new MemoryStore(),
      log,
      plugins: (definitions as PluginDefinition[]).map((definition) => ({ definition, options: {} })),
      folder: join(this.registry.parent, 'plugins'),
      settings: (plugin) => (plugin === 'previews' ? settings : {}),
    });
    this.#kernel = kernel;
    this.#app = createApp({ kernel, log, ...(token === undefined ? {} : { token }) });
    this.#close = async () => {
      await kernel.stop();
      await source.close();
    };
    await kernel.idle();
  }

  get forge(): Forge {
    if (this.#forge === undefined) throw new Error('the world is not open');
    return this.#forge;
  }

  get kernel(): Kernel {
    if (this.#kernel === undefined) throw new Error('the world is not open');
    return this.#kernel;
  }

  processes(): readonly number[] {
    return this.#previews?.processes() ?? [];
  }

  async ask(path: string, init: RequestInit = {}): Promise<Response> {
    if (this.#app === undefined) throw new Error('the world is not open');
    return this.#app.request(path, init);
  }

  infer(number: number, name: string, body: unknown = goose, more = ''): Promise<Response> {
    return this.ask(`/proposals/${number}/v2/models/${name}${more}/infer`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  /** Asks until the preview is loaded. */
  async inferOnceLoaded(number: number, name: string): Promise<Response> {
    for (;;) {
      const answer = await this.infer(number, name);
      if (answer.status !== 503 || !(await answer.clone().text()).includes('PreviewLoading')) return answer;
    }
  }

  propose(changes: Record<string, string | Uint8Array>, title = 'A change'): Promise<Proposal> {
    return this.forge.open(this.#draft(changes, title));
  }

  update(proposal: Proposal, changes: Record<string, string | Uint8Array>): Promise<Proposal> {
    return this.forge.update(proposal.number, this.#draft(changes, proposal.title), proposal.head);
  }

  /** A new version whose artifact is these bytes. */
  version(
    number: string,
    bytes: Uint8Array,
    edit = (text: string) => text,
  ): Record<string, string | Uint8Array> {
    const manifest = this.registry
      .read('models/bird-strike/versions/1.1.0.yaml')
      .replace('name: 1.1.0', `name: ${number}`)
      .replace('artifacts/1.1.0.onnx', `artifacts/${number}.onnx`)
      .replace(/digest: sha256:cba4\w+/, `digest: sha256:${createHash('sha256').update(bytes).digest('hex')}`)
      .replace('size: 40597', `size: ${bytes.length}`)
      .replace('parents: [1.0.0]', 'parents: [1.1.0]');
    return {
      [`models/bird-strike/artifacts/${number}.onnx`]: bytes,
      [`models/bird-strike/versions/${number}.yaml`]: edit(manifest),
    };
  }

  async close(): Promise<void> {
    await this.#close?.();
    this.registry.close();
  }

  #draft(changes: Record<string, string | Uint8Array>, title: string): Draft {
    return {
      key: title,
      on: this.registry.git('rev-parse', 'main'),
      changes: new Map(Object.entries(changes)),
      message: `${title}\n`,
      title,
      body: '',
      author: ada,
    };
  }
}
