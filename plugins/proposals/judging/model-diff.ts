import type { Examined, Plan } from '../../../core/capabilities/registry.ts';
import { type Resource, refOf } from '../../../core/plugin.ts';
import { type Signature, signatureChanges } from '../../../libraries/signature-changes/index.ts';
import type { DeploymentSpec } from '../../../schemas/generated/deployment.ts';
import type { ModelVersionSpec } from '../../../schemas/generated/model-version.ts';

/** How one version of a model differs from another. Plain JSON. */
export interface ModelDiff {
  readonly model: string;
  /** Null where there is none to compare with. */
  readonly from: string | null;
  readonly to: string;
  /** The deployments that change from the one to the other; empty for a version that is only registered. */
  readonly deployments: readonly string[];
  readonly signature: readonly { readonly bump: 'major' | 'minor'; readonly message: string }[];
  readonly size: { readonly before: number | null; readonly after: number };
  readonly metrics: readonly MetricDiff[];
  readonly lineage: readonly { readonly what: string; readonly before: string; readonly after: string }[];
  readonly card: 'same' | 'changed' | 'added' | 'removed' | 'none';
  readonly quarantine: string | null;
}

export interface MetricDiff {
  readonly name: string;
  readonly dataset: string | null;
  readonly slice: string | null;
  readonly before: Measured | null;
  readonly after: Measured | null;
}

export interface Measured {
  readonly value: number;
  /** 95 %. */
  readonly interval: readonly [number, number] | null;
}

/** The versions that a plan moves deployments between, and those that it adds. */
export function modelDiffs(plan: Plan, base: Examined, merged: Examined): readonly ModelDiff[] {
  const found = new Map<string, { model: string; from: string | null; to: string; deployments: string[] }>();
  const note = (model: string, from: string | null, to: string, deployment?: string): void => {
    const key = JSON.stringify([model, from, to]);
    const one = found.get(key) ?? { model, from, to, deployments: [] };
    found.set(key, one);
    if (deployment !== undefined) one.deployments.push(deployment);
  };
  for (const { ref, type } of plan.changes) {
    const after = merged.resources.get(ref);
    if (after?.kind === 'Deployment' && (type === 'added' || type === 'changed')) {
      const next = after.spec as DeploymentSpec;
      const previous = base.resources.get(ref)?.spec as DeploymentSpec | undefined;
      if (previous?.model === next.model && previous.version === next.version) continue;
      note(next.model, previous?.model === next.model ? previous.version : null, next.version, ref);
    } else if (after?.kind === 'ModelVersion' && type === 'added') {
      const { parents } = after.spec as ModelVersionSpec;
      // A merge of lines is compared with each of the two.
      for (const parent of parents?.length ? parents : [null]) {
        note(String(after.metadata.model), parent, after.metadata.name);
      }
    }
  }
  return [...found.values()].flatMap(({ model, from, to, deployments }) => {
    const diff = versionDiff(model, from, to, base, merged);
    return diff === undefined ? [] : [{ ...diff, deployments }];
  });
}

/** Undefined where the newer of them is not there. The older is looked up as the base has it. */
export function versionDiff(
  model: string,
  from: string | null,
  to: string,
  base: Examined,
  merged: Examined,
): ModelDiff | undefined {
  const after = versionIn(merged, model, to);
  if (after === undefined) return undefined;
  const before = from === null ? undefined : (versionIn(base, model, from) ?? versionIn(merged, model, from));
  return {
    model,
    from: before === undefined ? null : from,
    to,
    deployments: [],
    signature:
      before === undefined
        ? []
        : signatureChanges(before.spec.signature as Signature, after.spec.signature as Signature).map(
            ({ bump, message }) => ({ bump, message }),
          ),
    size: { before: before?.spec.artifact.size ?? null, after: after.spec.artifact.size },
    metrics: metricDiffs(before?.spec.metrics ?? [], after.spec.metrics ?? []),
    lineage: before === undefined ? [] : lineageDiff(before.spec, after.spec),
    card: cardDiff(model, base, merged),
    quarantine: after.spec.quarantine?.reason ?? null,
  };
}

function versionIn(
  { resources }: Examined,
  model: string,
  version: string,
): Resource<ModelVersionSpec> | undefined {
  return resources.get(refOf('ModelVersion', version, model)) as Resource<ModelVersionSpec> | undefined;
}

type Metric = NonNullable<ModelVersionSpec['metrics']>[number];

/** Those that both have first, in the order of the newer; one that only one has stands alone. */
function metricDiffs(before: readonly Metric[], after: readonly Metric[]): readonly MetricDiff[] {
  const old = new Map(before.map((metric) => [identity(metric), metric]));
  const rows = after.map((metric) => rowOf(old.get(identity(metric)), metric));
  const seen = new Set(after.map(identity));
  const gone = before
    .filter((metric) => !seen.has(identity(metric)))
    .map((metric) => rowOf(metric, undefined));
  return [
    ...rows.filter((row) => row.before !== null),
    ...rows.filter((row) => row.before === null),
    ...gone,
  ];
}

function identity({ name, dataset, slice }: Metric): string {
  return JSON.stringify([name, dataset ?? null, slice ?? null]);
}

function rowOf(before: Metric | undefined, after: Metric | undefined): MetricDiff {
  const { name = '', dataset = null, slice = null } = after ?? before ?? {};
  return { name, dataset, slice, before: measured(before), after: measured(after) };
}

function measured(metric: Metric | undefined): Measured | null {
  if (metric === undefined) return null;
  const [low, high] = metric.interval ?? [];
  return {
    value: metric.value,
    interval: low === undefined || high === undefined ? null : [low, high],
  };
}

function lineageDiff(before: ModelVersionSpec, after: ModelVersionSpec): ModelDiff['lineage'] {
  const [old, next] = [lineageFacts(before), lineageFacts(after)];
  return [...new Set([...old.keys(), ...next.keys()])]
    .map((what) => ({ what, before: old.get(what) ?? '–', after: next.get(what) ?? '–' }))
    .filter((row) => row.before !== row.after);
}

function lineageFacts({ line, parents, lineage }: ModelVersionSpec): ReadonlyMap<string, string> {
  const facts = new Map<string, string>();
  const add = (what: string, value: unknown): void => {
    if (value !== undefined) facts.set(what, typeof value === 'string' ? value : JSON.stringify(value));
  };
  add('line', line ?? 'main');
  add('parents', parents?.join(', '));
  const { dataset, code, seed, parameters, environment } = lineage ?? {};
  add('dataset', dataset === undefined ? undefined : `${dataset.name}@${dataset.version}`);
  add('code', code?.commit ?? code?.digest ?? code?.path);
  add('seed', seed);
  for (const [name, value] of Object.entries(parameters ?? {})) add(`parameter ${name}`, value);
  for (const [name, value] of Object.entries(environment ?? {})) add(`software ${name}`, value);
  return facts;
}

function cardDiff(model: string, base: Examined, merged: Examined): ModelDiff['card'] {
  const blobs = (examined: Examined): string | undefined => {
    const attachments = examined.resources.get(refOf('Model', model))?.attachments ?? [];
    return attachments.length === 0
      ? undefined
      : JSON.stringify(attachments.map(({ path, blob }) => [path, blob]));
  };
  const [before, after] = [blobs(base), blobs(merged)];
  if (before === undefined) return after === undefined ? 'none' : 'added';
  if (after === undefined) return 'removed';
  return before === after ? 'same' : 'changed';
}
