import { join } from 'node:path';
import type { ArtifactStore } from '../../core/capabilities/artifact-store.ts';
import type { PredictionSink } from '../../core/capabilities/prediction-sink.ts';
import type { Proposer } from '../../core/capabilities/proposer.ts';
import type { ReferenceProfiles } from '../../core/capabilities/reference-profiles.ts';
import type { Registry } from '../../core/capabilities/registry.ts';
import { type Host, type Providers, type Resource, refOf } from '../../core/plugin.ts';
import type { MonitorSpec } from '../../schemas/generated/monitor.ts';
import { check } from './check.ts';
import { computeInWorker } from './compute/in-worker.ts';
import type { Compute } from './compute/jobs.ts';
import { monitorExposition } from './metrics.ts';
import { monitorKind } from './monitor.ts';
import { monitorController } from './monitor-controller.ts';
import { Monitors } from './monitors.ts';
import { askFor } from './on-breach.ts';
import { References } from './references.ts';
import { monitorRoutes } from './routes.ts';

export interface MonitorsGiven {
  readonly registries: Providers<Registry>;
  readonly sinks: Providers<PredictionSink>;
  readonly stores: Providers<ArtifactStore>;
  readonly profiles: Providers<ReferenceProfiles>;
  readonly proposers: Providers<Proposer>;
}

export interface MonitorsWorld {
  readonly now: () => number;
  readonly compute: Compute;
}

const real: MonitorsWorld = { now: () => Date.now(), compute: computeInWorker };

/** What runs of this plugin: apart from its declaration, so that reading manifests loads none of it. */
export function setUpMonitors(
  host: Host,
  given: MonitorsGiven,
  { now, compute }: MonitorsWorld = real,
): Monitors {
  const { sinks, stores, profiles, proposers } = given;
  const registry = () => given.registries.get('registry');
  const references = new References({
    folder: join(host.machine.folder, 'references'),
    stores,
    profiles,
    compute,
  });
  const resources = async () => {
    const commit = registry().applied();
    return commit === null ? new Map() : (await registry().examine(commit)).resources;
  };
  const sink = () => {
    const [name] = sinks.names();
    return name === undefined ? undefined : sinks.get(name);
  };
  const monitors = new Monitors({
    check: (asked, signal) => check(asked, { sink, references, compute, now }, signal),
    ask: (monitor, breach, find) => askFor(monitor, breach, { proposers, find }),
    runs: (environment) => host.machine.runs(environment),
    wake: (ref) => host.wake(ref),
    now,
  });
  host.control(monitorKind, monitorController(monitors, registry));
  host.routes(
    monitorRoutes({
      monitors,
      environmentOf: async (name) => {
        const found = (await resources()).get(refOf('Monitor', name)) as Resource<MonitorSpec> | undefined;
        return found?.spec.target.environment;
      },
    }),
  );
  host.metrics(async () => monitorExposition(monitors));
  host.onStop(() => monitors.runner.stop());
  return monitors;
}
