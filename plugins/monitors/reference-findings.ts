import { type Finding, type Related, refOf } from '../../core/plugin.ts';
import { didYouMean } from '../../libraries/did-you-mean/index.ts';
import type { DatasetSpec } from '../../schemas/generated/dataset.ts';
import type { MonitorSpec } from '../../schemas/generated/monitor.ts';

type Condition = NonNullable<NonNullable<MonitorSpec['reference']['dataset']>['where']>[number];

/** What is wrong with what predictions are compared with. */
export function referenceFindings({ reference, quality }: MonitorSpec, related: Related): readonly Finding[] {
  const { dataset, traffic } = reference;
  const findings: Finding[] = [];
  if (quality !== undefined && dataset === undefined) {
    const message = 'quality is held against what a dataset promises, and none is named';
    const hint = 'Name one: reference.dataset with name and version.';
    findings.push({ code: 'PromisesWithoutDataset', pointer: '/spec/quality', message, hint });
  }
  if (traffic !== undefined && !(Date.parse(traffic.from) < Date.parse(traffic.to))) {
    const message = `it begins at ${traffic.from} and ends at ${traffic.to}`;
    findings.push({ code: 'ReferenceTimeInvalid', pointer: '/spec/reference/traffic/to', message });
  }
  const found = dataset && related.get<DatasetSpec>(refOf('Dataset', dataset.name));
  if (dataset === undefined || found === undefined) return findings;
  const versions = found.spec.versions.map(({ version }) => version);
  if (!versions.includes(dataset.version)) {
    findings.push({
      code: 'UnknownDatasetVersion',
      pointer: '/spec/reference/dataset/version',
      message: `the dataset ${dataset.name} has no version "${dataset.version}"`,
      hint: `It has ${versions.slice(-10).join(', ')}.`,
    });
  }
  return [...findings, ...(dataset.where ?? []).flatMap((one, at) => conditionFindings(one, at, found.spec))];
}

/** What is wrong with a condition on rows of the dataset. */
function conditionFindings(
  { column, in: values, from, to }: Condition,
  index: number,
  { columns }: DatasetSpec,
): readonly Finding[] {
  const pointer = `/spec/reference/dataset/where/${index}`;
  const known = columns.find(({ name }) => name === column);
  if (known === undefined) {
    const hint = didYouMean(
      column,
      columns.map(({ name }) => name),
    );
    const message = `the dataset has no column "${column}"`;
    return [{ code: 'UnknownColumn', pointer: `${pointer}/column`, message, ...(hint && { hint }) }];
  }
  if (values === undefined && from === undefined && to === undefined) {
    return [
      {
        code: 'ConditionEmpty',
        pointer: `${pointer}/column`,
        message: `nothing is said of "${column}", so that each row meets it`,
        hint: 'Write `in`, `from` or `to` beside it, or take it out.',
      },
    ];
  }
  const isNumeric = known.type === 'number' || known.type === 'integer';
  const ends = Object.entries({ from, to });
  const strange = ends.find(([, end]) => isNumeric && end !== undefined && !Number.isFinite(Number(end)));
  if (strange !== undefined) {
    const message = `"${column}" holds numbers, and "${strange[1]}" is none: no row would meet it`;
    return [{ code: 'ConditionContradicts', pointer: `${pointer}/${strange[0]}`, message }];
  }
  if (from === undefined || to === undefined) return [];
  if (isNumeric ? Number(from) <= Number(to) : from <= to) return [];
  const message = `no value is at least "${from}" and at most "${to}"`;
  const hint = 'Write the smaller one as `from`.';
  return [{ code: 'ConditionContradicts', pointer: `${pointer}/to`, message, hint }];
}
