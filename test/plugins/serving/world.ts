/** The serving plugin on a real plugin host, with inference processes whose side of the protocol a test speaks by hand. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ModelTrial, modelTrial } from '../../../core/capabilities/model-trial.ts';
import {
  type DesiredServing,
  type ServingRuntime,
  servingRuntime,
  type VersionToServe,
} from '../../../core/capabilities/serving-runtime.ts';
import { EventBus } from '../../../core/host/events.ts';
import { PluginHost } from '../../../core/host/plugin-host.ts';
import { definePlugin } from '../../../core/plugin.ts';
import { plugin as artifacts } from '../../../plugins/artifacts/index.ts';
import { plugin as serving } from '../../../plugins/serving/index.ts';
import { servingPaths } from '../../../plugins/serving/paths.ts';
import { type RecordingLog, recordingLog } from '../../fixtures/recording-log.ts';
import { versionResource } from '../artifacts/resource.ts';

export class ServingWorld {
  readonly folder = mkdtempSync(join(tmpdir(), 'switchyard-serving-'));
  readonly log: RecordingLog = recordingLog();
  /** Owners in the order in which they were woken. */
  readonly woken: string[] = [];
  readonly blobs = new Map<string, Uint8Array>();
  events: EventBus = new EventBus(this.log);
  readonly #settings: Readonly<Record<string, unknown>>;
  readonly #artifacts: Readonly<Record<string, unknown>>;
  #host: PluginHost | undefined;
  #runtime: ServingRuntime | undefined;
  #trials: ModelTrial | undefined;

  constructor(
    settings: Readonly<Record<string, unknown>> = {},
    artifactSettings: Readonly<Record<string, unknown>> = {},
  ) {
    this.#settings = settings;
    this.#artifacts = artifactSettings;
  }

  get paths() {
    return servingPaths(join(this.folder, 'serving'));
  }

  get runtime(): ServingRuntime {
    if (this.#runtime === undefined) throw new Error('the world was not started');
    return this.#runtime;
  }

  get trials(): ModelTrial {
    if (this.#trials === undefined) throw new Error('the world was not started');
    return this.#trials;
  }

  /** Starts a control side, after another one where there was one. */
  async start(): Promise<void> {
    this.events = new EventBus(this.log);
    this.#host = new PluginHost({
      log: this.log,
      events: this.events,
      folder: this.folder,
      runs: () => true,
      settings: (plugin) => (plugin === 'serving' ? this.#settings : this.#artifacts),
      wake: (ref) => void this.woken.push(ref),
      readBlob: (blob) => this.#read(blob),
    });
    const definitions = [artifacts, serving, this.#probe()];
    await this.#host.start(definitions.map((definition) => ({ definition, options: {} })));
  }

  async stop(): Promise<void> {
    await this.#host?.stop();
    this.#host = undefined;
  }

  async close(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async metrics(): Promise<string> {
    const pages = await Promise.all((this.#host?.metrics ?? []).map((collect) => collect()));
    return pages.join('');
  }

  async get(path: string, method = 'GET'): Promise<Response | undefined> {
    const request = new Request(`http://localhost/plugins/serving/${path}`, { method });
    return this.#host?.routes.get('serving')?.(request, path);
  }

  /** A version whose artifact is a file of the commit. */
  version(name: string, content: string | Uint8Array = `model ${name}`): VersionToServe {
    const bytes = Buffer.from(content as string);
    const blob = createHash('sha1').update(bytes).digest('hex');
    this.blobs.set(blob, bytes);
    const path = `models/bird-strike/versions/${name}.onnx`;
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    return {
      version: name,
      resource: versionResource([{ path, blob, size: bytes.length }]),
      artifact: { uri: `file:${name}.onnx`, digest, size: bytes.length },
      signature: {
        inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 1] }],
        outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
      },
      examples: [],
    };
  }

  async *#read(blob: string): AsyncGenerator<Uint8Array> {
    const bytes = this.blobs.get(blob);
    if (bytes === undefined) throw new Error(`there is no blob ${blob}`);
    yield bytes;
  }

  #probe() {
    return definePlugin({
      name: 'probe',
      description: 'Asks for the runtime.',
      needs: { runtimes: servingRuntime, trials: modelTrial },
      setup: (_host, { runtimes, trials }) => {
        this.#runtime = runtimes.get('onnxruntime');
        this.#trials = trials.get('onnxruntime');
      },
    });
  }
}

/** A deployment that answers with the first version and keeps the others warm. */
export function desired(
  versions: readonly VersionToServe[],
  more: Partial<DesiredServing> = {},
): DesiredServing {
  const environment = more.environment ?? 'production';
  const name = more.name ?? 'bird-strike';
  const [first] = versions;
  if (first === undefined) throw new Error('a deployment needs a version');
  return {
    owner: `Deployment/${environment}/${name}`,
    environment,
    name,
    model: 'bird-strike',
    commit: 'c'.repeat(40),
    isDefaultEnvironment: true,
    versions,
    variants: [{ version: first.version, role: 'stable', weight: 100 }],
    batching: { maxBatchSize: 32, maxDelayMs: 0 },
    limits: { maxQueue: 100, timeoutMs: 1000 },
    ...more,
  };
}
