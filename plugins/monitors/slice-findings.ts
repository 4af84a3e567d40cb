import { type Finding, type Related, refOf } from '../../core/plugin.ts';
import type { DatasetSpec } from '../../schemas/generated/dataset.ts';
import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';
import type { MonitorSpec } from '../../schemas/generated/monitor.ts';

const mostSlices = 64;

/** What is wrong with the slices of drift and of performance. */
export function sliceFindings(spec: MonitorSpec, related: Related): readonly Finding[] {
  return [...driftFindings(spec, related), ...redactedFindings(spec, related)];
}

function driftFindings({ drift, reference }: MonitorSpec, related: Related): readonly Finding[] {
  const slices = drift?.slices;
  if (slices === undefined) return [];
  const count = slices.reduce((sum, { values }) => sum + values.length, 0);
  if (count > mostSlices) {
    const message = `there are ${count} slices, and at most ${mostSlices} can be`;
    return [{ code: 'TooManySlices', pointer: '/spec/drift/slices', message }];
  }
  const { dataset } = reference;
  if (dataset === undefined || dataset.where !== undefined) return [];
  const found = related.get<DatasetSpec>(refOf('Dataset', dataset.name));
  if (found?.spec.versions.find(({ version }) => version === dataset.version)?.profile === undefined)
    return [];
  return [
    {
      code: 'SlicesNeedRows',
      pointer: '/spec/reference/dataset',
      message: `slices are compared with rows, and ${dataset.name}@${dataset.version} is compared by its profile`,
      hint: 'Say by `where` which rows count.',
    },
  ];
}

function redactedFindings({ drift, performance, target }: MonitorSpec, related: Related): readonly Finding[] {
  const deployment = related.get<DeploymentSpec>(refOf('Deployment', target.deployment, target.environment));
  const redact = deployment?.spec.logging?.redact ?? [];
  const redacted = new Set(redact.map((one) => (typeof one === 'string' ? one : one.name)));
  const findings: Finding[] = [];
  for (const [part, slices] of Object.entries({ drift: drift?.slices, performance: performance?.slices })) {
    for (const [index, { input }] of (slices ?? []).entries()) {
      if (!redacted.has(input)) continue;
      findings.push({
        code: 'SliceRedacted',
        pointer: `/spec/${part}/slices/${index}/input`,
        message: `the deployment redacts ${input}, so no row is of a slice of it`,
        hint: 'Name an input that is kept.',
      });
    }
  }
  return findings;
}
