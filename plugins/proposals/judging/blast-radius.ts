import type { Examined, Plan } from '../../../core/capabilities/registry.ts';

/** How much of what answers is touched. Plain JSON. */
export interface BlastRadius {
  /** Only environments in which something is touched, in the order of the promotion. */
  readonly environments: readonly TouchedEnvironment[];
}

export interface TouchedEnvironment {
  readonly name: string;
  /** Deployments that come, go, or are changed. */
  readonly touched: readonly string[];
  /** All that are there before or after. */
  readonly deployments: number;
  /** Whether a bare `/v2` means this environment. */
  readonly isDefault: boolean;
}

/** Counted in deployments: how much traffic each of them has is not known here. */
export function blastRadius(plan: Plan, base: Examined, merged: Examined): BlastRadius {
  const all = new Map<string, Set<string>>();
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
      order: spec?.order ?? 1000,
    });
  }
  environments.sort((one, other) => one.order - other.order || (one.name < other.name ? -1 : 1));
  return { environments: environments.map(({ order: _, ...environment }) => environment) };
}
