import type { Examined, Plan } from '../../../core/capabilities/registry.ts';
import type { Ref } from '../../../core/plugin.ts';

/** How much of what answers is touched. Plain JSON. */
export interface BlastRadius {
  /** Only environments in which something is touched, in the order of the promotion. */
  readonly environments: readonly TouchedEnvironment[];
}

export interface TouchedEnvironment {
  readonly name: string;
  /** Deployments that come, go, or are changed. */
  readonly touched: readonly Ref[];
  /** All that are there before or after. */
  readonly deployments: number;
  /** Whether a bare `/v2` means this environment. */
  readonly isDefault: boolean;
  /** What its deployments answered of late; null where that is not measured here. */
  readonly traffic: Traffic | null;
}

/** Counted once for a judgement, by the inference processes of the platform that judges. */
export interface Traffic {
  /** Of all deployments of the environment. */
  readonly requests: number;
  /** Of each that is touched. */
  readonly touched: readonly { readonly ref: Ref; readonly requests: number }[];
  /** RFC 3339. An hour before `to`, or when counting began. */
  readonly from: string;
  /** RFC 3339. When it was counted. */
  readonly to: string;
}

/** Counted in deployments: their traffic is for `measuredTraffic` to add. */
export function blastRadius(plan: Plan, base: Examined, merged: Examined): BlastRadius {
  const all = new Map<string, Set<Ref>>();
  for (const { resources } of [base, merged]) {
    for (const { kind, ref, metadata } of resources.values()) {
      if (kind !== 'Deployment' || metadata.environment === undefined) continue;
      const deployments = all.get(metadata.environment) ?? new Set();
      all.set(metadata.environment, deployments.add(ref));
    }
  }
  // A deployment that is merely affected and has steps to take is touched like any other.
  const touched = new Set(
    plan.changes.filter(({ ref }) => ref.startsWith('Deployment/')).map(({ ref }) => ref),
  );
  const environments: (TouchedEnvironment & { order: number })[] = [];
  for (const [name, deployments] of all) {
    const here = [...deployments].filter((ref) => touched.has(ref)).sort();
    if (here.length === 0) continue;
    const spec = (merged.resources.get(`Environment/${name}`) ?? base.resources.get(`Environment/${name}`))
      ?.spec as { readonly order?: number; readonly default?: boolean } | undefined;
    environments.push({
      name,
      touched: here,
      deployments: deployments.size,
      isDefault: spec?.default === true,
      traffic: null,
      order: spec?.order ?? 1000,
    });
  }
  environments.sort((one, other) => one.order - other.order || (one.name < other.name ? -1 : 1));
  return { environments: environments.map(({ order: _, ...environment }) => environment) };
}
