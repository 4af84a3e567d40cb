import { metadataName } from '../argo/metadata.ts';
import { goDuration, ourDuration } from '../durations.ts';
import { Fields } from '../fields.ts';
import type { Made, MadeTemplate, Metric } from '../manifest.ts';
import { type FieldReport, sourceInvalid } from '../report.ts';
import type { Source } from '../source.ts';
import { canaryMetrics } from './metrics.ts';
import { type Plan, planOf, strategyOf } from './strategy.ts';

const routing = 'the data plane routes by itself: there are no services, no routes and no meshes to name';
const shortestInterval = 10_000;

/** A Canary: the way that it walks, and the template that judges it. Throws a refusal. */
export function importCanary(
  source: Source,
  templates: readonly Source[],
  notes: FieldReport[],
): readonly Made[] {
  const document = new Fields(source.value, '', notes);
  const name = metadataName(document, source, 'metadata.name');
  const spec = document.demandMap('spec');
  const names = queryNames(spec, source);
  spec.note('targetRef', 'elsewhere', '`model` and `version` of the Deployment name what runs');
  spec.noteAll(['service', 'ingressRef', 'routeRef', 'upstreamRef'], 'elsewhere', routing);
  spec.note('autoscalerRef', 'elsewhere', 'there are no pods to scale');
  spec.note('metricsServer', 'elsewhere', 'servers are named by the operator');
  spec.note('revertOnDeletion', 'elsewhere', 'no object in Kubernetes was changed');
  if (spec.flag('suspend') === true) {
    spec.note('suspend', 'dropped', 'the annotation switchyard/suspend: "true" keeps hands off a deployment');
  }
  const deadline = spec.whole('progressDeadlineSeconds');
  spec.imported('progressDeadlineSeconds', 'spec.progressDeadline');
  const progressDeadline =
    deadline === undefined ? {} : { progressDeadline: ourDuration(deadline * 1_000).text };
  const isKubernetes = spec.text('provider') === 'kubernetes';
  spec.note('provider', 'elsewhere', routing);
  const field = spec.has('analysis') ? 'analysis' : 'canaryAnalysis';
  const isSkipped = spec.flag('skipAnalysis') === true;
  if (isSkipped || !spec.has(field)) {
    spec.note('skipAnalysis', 'imported', 'traffic moves at once', 'spec.strategy.direct');
    spec.note(field, 'dropped', 'skipAnalysis is set');
    spec.finish();
    document.finish();
    return [{ kind: 'Deployment', name, spec: { strategy: { direct: {} }, ...progressDeadline } }];
  }
  spec.imported('skipAnalysis', 'spec.strategy');
  const analysis = spec.demandMap(field);
  const interval = intervalOf(analysis);
  const plan = planOf(analysis, isKubernetes, interval);
  const metrics = metricsOf(analysis, plan, interval, names, source, templates, notes);
  const strategy = strategyOf(analysis, plan, metrics.length === 0 ? undefined : name);
  const pods = 'it is about pods: a version is loaded by every inference process';
  analysis.noteAll(['primaryReadyThreshold', 'canaryReadyThreshold'], 'elsewhere', pods);
  analysis.note('alerts', 'dropped', 'who is told of what is not said here');
  analysis.note(
    'sessionAffinity',
    'dropped',
    'nothing sets a cookie: name one that you set, under `assignment`',
  );
  analysis.finish();
  spec.finish();
  document.finish();
  const walk: Made = { kind: 'Deployment', name, spec: { strategy, ...progressDeadline } };
  const template: MadeTemplate = { kind: 'AnalysisTemplate', name, spec: { metrics: [...metrics] } };
  return metrics.length === 0 ? [walk] : [walk, template];
}

/** `{{ target }}` and the like, as Flagger fills them in. */
function queryNames(spec: Fields, { name, namespace }: Source): Readonly<Record<string, string>> {
  const target = spec.map('targetRef')?.text('name') ?? name;
  return {
    name,
    namespace: namespace ?? 'default',
    target,
    service: spec.map('service')?.text('name') ?? target,
    ingress: spec.map('ingressRef')?.text('name') ?? target,
    route: spec.map('routeRef')?.text('name') ?? target,
  };
}

function intervalOf(analysis: Fields): number {
  const written = analysis.text('interval') ?? '60s';
  const milliseconds = goDuration(written);
  if (milliseconds === undefined) throw sourceInvalid(analysis.at('interval'), `"${written}" is no duration`);
  if (milliseconds >= shortestInterval) {
    analysis.imported('interval', 'spec.metrics[].interval');
    return milliseconds;
  }
  analysis.note(
    'interval',
    'changed',
    'it is 10s, the shortest that Flagger waits',
    'spec.metrics[].interval',
  );
  return shortestInterval;
}

function metricsOf(
  analysis: Fields,
  plan: Plan,
  interval: number,
  names: Readonly<Record<string, string>>,
  { namespace }: Source,
  templates: readonly Source[],
  notes: FieldReport[],
): readonly Metric[] {
  const threshold = Math.max(1, analysis.whole('threshold') ?? 1);
  const sharing = {
    interval: ourDuration(interval).text,
    failureLimit: threshold - 1,
    ...(plan.type === 'blueGreen' ? { count: plan.iterations } : {}),
    names,
    namespace,
    templates,
  };
  const metrics = canaryMetrics(analysis, sharing, notes);
  const note =
    metrics.length === 0
      ? 'there is no metric whose failures could be counted'
      : `failureLimit is ${threshold - 1}: there ${threshold} failed checks end a walk, here more than ${threshold - 1} of one metric; ` +
        'what cannot be measured is an error, which holds and alerts, and not a failed check';
  analysis.note(
    'threshold',
    metrics.length === 0 ? 'dropped' : 'changed',
    note,
    metrics.length === 0 ? undefined : 'spec.metrics[].failureLimit',
  );
  return metrics;
}
