/** Adds to a blast radius how many requests its deployments answered of late, where the runtime of this platform counts them. */
import type { MetricsSource } from '../../../core/capabilities/metrics-source.ts';
import type { Examined } from '../../../core/capabilities/registry.ts';
import { codeOf, type Logger, messageOf, type Providers, type Ref } from '../../../core/plugin.ts';
import type { BlastRadius, Traffic } from './blast-radius.ts';

export interface TrafficOptions {
  /** Absent where nothing counts requests: on a laptop with a clone. */
  readonly sources: Providers<MetricsSource> | undefined;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** How long to wait for the source. Default 500 ms: a judgement does not wait for a figure. */
  readonly withinMs?: number;
}

/** What is known stays. Never rejects: an environment whose traffic cannot be known soon keeps `traffic: null`. */
export async function measuredTraffic(
  radius: BlastRadius,
  examined: readonly Examined[],
  { sources, log, now, withinMs = 500 }: TrafficOptions,
): Promise<BlastRadius> {
  const isKnown = radius.environments.every(({ traffic }) => traffic !== null);
  if (isKnown || !sources?.names().includes(provider)) return radius;
  const stop = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${withinMs} ms`)), withinMs).unref();
  });
  const measure = async (): Promise<BlastRadius> => {
    const source = sources.get(provider);
    const answering = answeringVersions(radius, examined);
    const environments: BlastRadius['environments'][number][] = [];
    for (const environment of radius.environments) {
      const { name, touched } = environment;
      const measured = async () =>
        trafficOf(touched, await count(source, answering.get(name) ?? [], stop.signal), now());
      environments.push({ ...environment, traffic: environment.traffic ?? (await measured()) });
    }
    return { environments };
  };
  try {
    return await Promise.race([measure(), late]);
  } catch (error) {
    log.debug({ code: codeOf(error), error: messageOf(error) }, 'traffic is not known');
    return radius;
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
}

/** Only the runtime's own source counts without being set up, and the same everywhere. */
const provider = 'builtin';
const windowMs = 3_600_000;
/** What began to be counted a moment ago tells nothing of an hour. */
const shortestMs = 60_000;
/** Beyond this many, a judgement would wait for its figure. */
const mostVersions = 10_000;
/** So many are asked before others have their turn. */
const atOnce = 500;

/** A version that may have answered as a deployment. */
interface Candidate {
  readonly environment: string;
  readonly ref: Ref;
  readonly deployment: string;
  readonly model: string;
  readonly version: string;
}

interface Counted {
  readonly ref: Ref;
  readonly requests: number;
  readonly from: number;
}

/**
 * By environment. Every version of a deployment's model: during a rollout two of them answer, and an hour ago it may have
 * been another one.
 */
function answeringVersions(
  { environments }: BlastRadius,
  examined: readonly Examined[],
): ReadonlyMap<string, readonly Candidate[]> {
  const versions = new Map<string, Set<string>>();
  for (const { resources } of examined) {
    for (const { kind, metadata } of resources.values()) {
      if (kind !== 'ModelVersion') continue;
      const model = String(metadata.model);
      versions.set(model, (versions.get(model) ?? new Set()).add(metadata.name));
    }
  }
  const found = new Map(environments.map(({ name }) => [name, new Map<string, Candidate>()]));
  let size = 0;
  for (const { resources } of examined) {
    for (const { kind, ref, metadata, spec } of resources.values()) {
      const { environment, name: deployment } = metadata;
      const here = environment === undefined ? undefined : found.get(environment);
      if (kind !== 'Deployment' || environment === undefined || here === undefined) continue;
      const { model } = spec as { readonly model: string };
      for (const version of versions.get(model) ?? []) {
        const key = `${ref}@${version}`;
        if (!here.has(key)) size += 1;
        if (size > mostVersions) throw new Error(`there are more than ${mostVersions} versions to count`);
        here.set(key, { environment, ref, deployment, model, version });
      }
    }
  }
  return new Map([...found].map(([name, candidates]) => [name, [...candidates.values()]]));
}

/** What was heard of each; nothing of those that this platform does not run. */
async function count(
  source: MetricsSource,
  candidates: readonly Candidate[],
  signal: AbortSignal,
): Promise<readonly Counted[]> {
  const counted: Counted[] = [];
  for (const [index, { environment, ref, deployment, model, version }] of candidates.entries()) {
    if (index % atOnce === atOnce - 1) await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
    const variants = { candidate: version };
    const ask = (metric: 'requests' | 'disagreement') =>
      source.measure({ environment, deployment, model, variants, windowMs, query: { metric } }, signal);
    const answer = await ask('requests');
    if (answer.type === 'noData') continue;
    const answered = answer.samples ?? 0;
    // What a shadow was shown was a request to another version, and is counted there.
    const shown = answered === 0 ? undefined : await ask('disagreement');
    const mirrored = shown?.type === 'value' ? (shown.samples ?? 0) : 0;
    counted.push({ ref, requests: Math.max(0, answered - mirrored), from: answer.window.from });
  }
  return counted;
}

function trafficOf(touched: readonly Ref[], counted: readonly Counted[], to: number): Traffic | null {
  const from = Math.min(...counted.map((one) => one.from));
  if (counted.length === 0 || to - from < shortestMs) return null;
  const sum = (of: readonly Counted[]): number => of.reduce((total, { requests }) => total + requests, 0);
  return {
    requests: sum(counted),
    touched: touched.map((ref) => ({ ref, requests: sum(counted.filter((one) => one.ref === ref)) })),
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
  };
}
