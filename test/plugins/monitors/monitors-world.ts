/** What monitors stand on: the template's own model and data, a real prediction log, and a clock that is turned by hand. */
import { createReadStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { ArtifactStore } from '../../../core/capabilities/artifact-store.ts';
import type { LabelValue, PredictionSink } from '../../../core/capabilities/prediction-sink.ts';
import type { ReferenceProfiles } from '../../../core/capabilities/reference-profiles.ts';
import type {
  Controller,
  Host,
  JournalEntry,
  KindDefinition,
  Outcome,
  Providers,
  Ref,
  Resource,
} from '../../../core/plugin.ts';
import type { Strike } from '../../../demo/strikes.ts';
import { packageFile } from '../../../libraries/package-files/index.ts';
import {
  BatchEncoder,
  batchFileName,
  type PredictionOrigin,
} from '../../../libraries/prediction-batch/index.ts';
import { checkReferenceProfile, declaredProfiles } from '../../../libraries/profile/reference-profile.ts';
import { plugin as models } from '../../../plugins/models/index.ts';
import { doJob } from '../../../plugins/monitors/compute/jobs.ts';
import { monitorKind } from '../../../plugins/monitors/monitor.ts';
import type { Monitors } from '../../../plugins/monitors/monitors.ts';
import { setUpMonitors } from '../../../plugins/monitors/setup.ts';
import type { MonitorState } from '../../../plugins/monitors/state.ts';
import { logPaths } from '../../../plugins/prediction-log/paths.ts';
import { defaultLogSettings } from '../../../plugins/prediction-log/settings.ts';
import { PredictionStore } from '../../../plugins/prediction-log/store/prediction-store.ts';
import { plugin as rollout } from '../../../plugins/rollout/index.ts';
import type { DatasetSpec } from '../../../schemas/generated/dataset.ts';
import type { DeploymentSpec } from '../../../schemas/generated/deployment.ts';
import type { ModelVersionSpec } from '../../../schemas/generated/model-version.ts';
import type { MonitorSpec } from '../../../schemas/generated/monitor.ts';
import { HandMadeProposer } from '../../fixtures/hand-made-proposer.ts';
import { manifestOf } from '../../fixtures/manifest.ts';
import { recordingLog } from '../../fixtures/recording-log.ts';
import { requestFor } from '../../fixtures/request.ts';
import { until } from '../../fixtures/until.ts';
import { idAt, key } from '../prediction-log/predictions.ts';

export const strikesFile = packageFile('registry-repo-template/data/bird-strikes.csv');
const kinds = new Map(
  [...(models.kinds ?? []), ...(rollout.kinds ?? [])].map((kind) => [kind.kind, kind as KindDefinition]),
);

function fromTemplate(path: string): Resource {
  const text = readFileSync(packageFile(join('registry-repo-template', path)), 'utf8');
  const { kind, metadata, spec } = parse(text);
  return manifestOf(kinds.get(kind) as KindDefinition, metadata, spec);
}

/** What of the template a monitor looks at. */
export function templateResources(): readonly Resource[] {
  return [
    'models/bird-strike/model.yaml',
    'models/bird-strike/versions/1.0.0.yaml',
    'datasets/bird-strike.yaml',
    'environments/production/bird-strike.yaml',
  ].map(fromTemplate);
}

/** The manifest of the kind's page, more or less. */
export function monitorSpec(more: Partial<MonitorSpec> = {}): MonitorSpec {
  return {
    target: { deployment: 'bird-strike', environment: 'production' },
    window: { size: '1h' },
    reference: {
      dataset: {
        ...{ name: 'bird-strike', version: '1' },
        where: [{ column: 'flight_date', from: '1990-01-01', to: '1994-12-31' }],
      },
    },
    drift: {},
    ...more,
  };
}

export class MonitorsWorld {
  readonly folder = mkdtempSync(join(tmpdir(), 'switchyard-monitors-'));
  readonly journal: JournalEntry[] = [];
  readonly resources = new Map<Ref, Resource>();
  /** Whose newest manifest is invalid: the commit has them no more, and the kernel goes on with what it had. */
  readonly invalid = new Set<Ref>();
  readonly fetched: string[] = [];
  readonly proposer = new HandMadeProposer();
  now = Date.UTC(2026, 5, 1, 12);
  /** The cell that the kernel keeps. */
  cell: MonitorState | undefined;
  /** What the disk of the sink does: thrown where a profile is asked for. */
  failure: Error | undefined;
  /** Retention took what was before then, in milliseconds since 1970. */
  forgets: number | undefined;
  /** Held up until it resolves. */
  hold: Promise<void> | undefined;
  monitors!: Monitors;
  runs = (_environment: string): boolean => true;
  routes!: (path: string, method?: string) => Promise<Response | undefined>;
  metrics!: () => Promise<string>;
  #controller!: Controller<MonitorSpec, MonitorState>;
  #store!: PredictionStore;
  readonly #profiles: ReferenceProfiles = {
    async load({ of, find }) {
      const { dataset, version } = of as { dataset: string; version: string };
      const { spec } = find(`Dataset/${dataset}`) as Resource<DatasetSpec>;
      const [declared] = declaredProfiles(spec);
      const path = packageFile(join('registry-repo-template/datasets', declared!.path));
      const bytes = readFileSync(path);
      checkReferenceProfile(bytes, declared!.claim);
      return { dataset, version, path, digest: declared!.claim.digest, profile: bytes.toString() };
    },
  };
  #woken = 0;
  #starts = 0;
  #batches = 0;

  async open(): Promise<this> {
    const paths = logPaths(this.folder);
    writeFileSync(paths.keyFile, key);
    this.#store = await PredictionStore.open({
      paths,
      settings: { ...defaultLogSettings, memory: 256 * 1024 ** 2 },
      now: () => this.now,
      log: () => {},
    });
    for (const resource of templateResources()) this.resources.set(resource.ref, resource);
    this.start();
    return this;
  }

  async close(): Promise<void> {
    await this.monitors.runner.stop();
    await this.#store.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A control process, the first or another one: what an earlier one had under way is gone. */
  start(): void {
    const own = ++this.#starts;
    const sink = {
      profile: async (question, signal) => {
        await this.hold;
        if (this.failure !== undefined) throw this.failure;
        return this.#store.profile(question, signal);
      },
      query: (question, signal) => {
        const { forgets } = this;
        if (forgets === undefined) return this.#store.query(question, signal);
        const kept = `(SELECT * FROM predictions WHERE time >= make_timestamp(${forgets * 1000}::BIGINT)) kept`;
        return this.#store.query({ ...question, sql: question.sql.replace('predictions', kept) }, signal);
      },
    } as Pick<PredictionSink, 'profile' | 'query'> as PredictionSink;
    const store: ArtifactStore = {
      open: async ({ uri }) => {
        this.fetched.push(uri);
        return { size: undefined, body: createReadStream(strikesFile) };
      },
    };
    const providers = <T>(one: T): Providers<T> => ({ get: () => one, names: () => ['one'] });
    const registry = {
      applied: () => 'c1',
      examine: async () => {
        const valid = [...this.resources].filter(([ref]) => !this.invalid.has(ref));
        return { commit: 'c1', time: 0, resources: new Map(valid), issues: [] };
      },
      journal: async ({ type }: { type?: string }) =>
        this.journal.filter((entry) => entry.type === type).reverse(),
    };
    const host = {
      machine: { folder: this.folder, runs: (environment: string) => this.runs(environment), settings: {} },
      log: recordingLog(),
      control: (_kind: unknown, controller: never) => {
        this.#controller = controller;
      },
      routes: (handler: (request: Request, path: string) => Promise<Response | undefined>) => {
        this.routes = (path, method = 'GET') => handler(new Request('http://x/', { method }), path);
      },
      metrics: (collect: () => Promise<string>) => {
        this.metrics = collect;
      },
      wake: () => {
        // One that was killed wakes nobody.
        if (own === this.#starts) this.#woken++;
      },
      onStop: () => {},
    } as unknown as Host;
    this.monitors = setUpMonitors(
      host,
      {
        ...{ registries: providers(registry as never), sinks: providers(sink), stores: providers(store) },
        profiles: providers(this.#profiles),
        proposers: providers(this.proposer),
      },
      { now: () => this.now, compute: (name, given) => doJob(name, given) },
    );
  }

  /** The deployment, changed. */
  deployment(more: Partial<DeploymentSpec>): void {
    const old = this.resources.get('Deployment/production/bird-strike') as Resource<DeploymentSpec>;
    this.resources.set(old.ref, { ...old, spec: { ...old.spec, ...more } });
  }

  resource(spec: MonitorSpec = monitorSpec(), name = 'bird-strike'): Resource<MonitorSpec> {
    return manifestOf(monitorKind, { name }, spec);
  }

  /** As the kernel does it: once, with the cell that it keeps and the journal. */
  async reconcile(resource = this.resource()): Promise<Outcome> {
    const request = requestFor(monitorKind, resource, [...this.resources.values()], {
      ...(this.cell === undefined ? {} : { cell: this.cell }),
    });
    const outcome = await this.#controller.reconcile({
      ...request,
      record: async (type, message, data = {}) => {
        const entry = { sequence: this.journal.length + 1, time: new Date(this.now).toISOString(), type };
        this.journal.push({ ...entry, ref: resource.ref, commit: 'c1', message, data });
      },
      save: async (cell) => {
        this.cell = structuredClone(cell);
      },
    });
    return outcome;
  }

  /** Lets the check that is due be made, and answers what the kernel then sees. */
  async checked(resource = this.resource()): Promise<Outcome> {
    const woken = this.#woken;
    await this.reconcile(resource);
    await until(() => this.#woken > woken, { what: 'a check has ended' });
    return this.reconcile(resource);
  }

  /** Lets so many milliseconds pass. */
  turn(milliseconds: number): void {
    this.now += milliseconds;
  }

  /** What production was asked, spread over the last hour, as inference processes hand it in. */
  ask(
    strikes: readonly Strike[],
    more: { readonly probability?: (strike: Strike) => number } = {},
  ): readonly string[] {
    const ids: string[] = [];
    const { signature } = this.resources.get('ModelVersion/bird-strike/1.0.0')!.spec as ModelVersionSpec;
    const origin: PredictionOrigin = {
      ...{ environment: 'production', deployment: 'bird-strike', model: 'bird-strike', version: '1.0.0' },
      ...{ variant: 'stable', commit: 'c1', hasRows: true },
      inputs: signature.inputs.map(({ name, datatype }) => ({ name, datatype })),
      outputs: signature.outputs.map(({ name, datatype }) => ({ name, datatype })),
    };
    const encoder = new BatchEncoder();
    const begin = this.now - 3_500_000;
    for (const [index, strike] of strikes.entries()) {
      const at = Math.floor(begin + (3_400_000 * index) / strikes.length);
      const probability = more.probability?.(strike) ?? 0.1;
      ids.push(idAt(at));
      encoder.add(origin, {
        ...{ id: ids.at(-1)!, at, milliseconds: 1, trace: '', tenant: '', subjects: [] },
        inputs: origin.inputs.map(({ name }) => ({
          shape: [1, 1],
          data: name === 'speed_knots' ? Float32Array.of(strike.speed) : [strike[name as 'aircraft']],
        })),
        outputs: [
          { shape: [1, 1], data: BigInt64Array.of(probability > 0.5 ? 1n : 0n) },
          { shape: [1, 1], data: Float32Array.of(probability) },
        ],
      });
    }
    const writer = {
      ...{ process: '0', pid: 7, startedAt: 1, sequence: this.#batches++ },
      ...{ taken: strikes.length, dropped: 0, isLast: false },
    };
    const { parts, records } = encoder.take(writer);
    const name = batchFileName(writer, records, this.now);
    writeFileSync(join(logPaths(this.folder).inbox, name), Buffer.concat(parts));
    return ids;
  }

  /** What turned out to be true of predictions. */
  async tell(ids: readonly string[], values: readonly LabelValue[]): Promise<void> {
    const { taken } = await this.#store.label(ids.map((id, at) => ({ id, row: 0, value: values[at]! })));
    if (taken !== ids.length) throw new Error(`${taken} of ${ids.length} labels were taken`);
  }
}
