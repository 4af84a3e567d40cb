/** Whether the columns that a monitor names are there: inputs and outputs of what its deployment declares. */
import { type Finding, type Reference, type Related, type Resource, refOf } from '../../core/plugin.ts';
import { didYouMean } from '../../libraries/did-you-mean/index.ts';
import type { DatasetSpec } from '../../schemas/generated/dataset.ts';
import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';
import type { ModelSpec } from '../../schemas/generated/model.ts';
import type { ModelVersionSpec } from '../../schemas/generated/model-version.ts';
import type { MonitorSpec } from '../../schemas/generated/monitor.ts';
import { columnsOf, type Left, type TargetColumn, toldLabel } from './columns.ts';

/** Which version the deployment declares is known only when it is read: any may be looked at. */
const how = { pointer: '/spec/target/deployment', wakes: false };
export const versionReferences: readonly Reference[] = [
  { to: 'Model/*', ...how },
  { to: 'ModelVersion/*', ...how },
];

export function columnFindings(spec: MonitorSpec, related: Related): readonly Finding[] {
  const { drift = {} } = spec;
  const findings: Finding[] = [];
  const seen = new Set<string>();
  for (const [index, { column }] of (drift.columns ?? []).entries()) {
    const pointer = `/spec/drift/columns/${index}/column`;
    if (seen.has(column))
      findings.push({ code: 'ColumnTwice', pointer, message: `"${column}" stands twice` });
    if (drift.ignore?.includes(column) === true) {
      const message = `"${column}" is to be compared and to be ignored`;
      findings.push({ code: 'ColumnContradicted', pointer, message });
    }
    seen.add(column);
  }
  const target = targetIn(spec, related);
  if (target === undefined) return findings;
  return [
    ...findings,
    ...namesIn(spec).flatMap((named) => nameFindings(named, target)),
    ...testFindings(spec, target, related),
  ];
}

type Test = NonNullable<NonNullable<NonNullable<MonitorSpec['drift']>['columns']>[number]['test']>;

const ofNumbers: ReadonlySet<Test> = new Set([
  ...([
    'kolmogorov-smirnov',
    'wasserstein',
    'welch-t',
    'student-t',
    'mann-whitney',
    'cramer-von-mises',
  ] as const),
  ...(['anderson-darling', 'epps-singleton', 'energy-distance', 'mmd'] as const),
]);

/** Tests of numbers on columns of texts. */
function testFindings(spec: MonitorSpec, { columns }: NamedTarget, related: Related): readonly Finding[] {
  const { dataset } = spec.reference;
  const declared = dataset && related.get<DatasetSpec>(refOf('Dataset', dataset.name))?.spec.columns;
  return (spec.drift?.columns ?? []).flatMap(({ column, test }, index): Finding[] => {
    const found = columns.find(({ name }) => name === column);
    if (found === undefined || test === undefined || !ofNumbers.has(test)) return [];
    // What is compared is read as the dataset has it.
    const type = declared?.find(({ name }) => name === found.datasetColumn)?.type;
    if (type === undefined ? !found.isText : type !== 'string' && type !== 'date') return [];
    return [
      {
        code: 'TestUnfit',
        pointer: `/spec/drift/columns/${index}/test`,
        message: `${test} compares numbers, and "${column}" holds texts`,
        hint: 'Write jensen-shannon, chi-square, or another test of categories; docs/drift has them.',
      },
    ];
  });
}

/** What a monitor names, and where. */
interface Named {
  readonly name: string;
  readonly pointer: string;
  readonly of: 'input' | 'input or output';
  /** `value`: one of several values of a row by its place; `tensor`: all of them by one name; `either`. */
  readonly as: 'value' | 'tensor' | 'either';
}

function namesIn({ drift = {}, quality, performance }: MonitorSpec): readonly Named[] {
  const at = (pointer: string, names: readonly string[], how: Pick<Named, 'of' | 'as'>) =>
    names.map((name, index): Named => ({ name, pointer: pointer.replace('*', String(index)), ...how }));
  const slices = (part: string, declared: readonly { readonly input: string }[] = []) => {
    const inputs = declared.map(({ input }) => input);
    return at(`/spec/${part}/slices/*/input`, inputs, { of: 'input', as: 'tensor' });
  };
  const compared = (drift.columns ?? []).map(({ column }) => column);
  return [
    ...at('/spec/drift/columns/*/column', compared, { of: 'input or output', as: 'value' }),
    ...at('/spec/drift/ignore/*', drift.ignore ?? [], { of: 'input or output', as: 'either' }),
    ...slices('drift', drift.slices),
    ...at('/spec/quality/ignore/*', quality?.ignore ?? [], { of: 'input', as: 'either' }),
    ...slices('performance', performance?.slices),
  ];
}

interface NamedTarget {
  /** `bird-strike 1.0.0`. */
  readonly title: string;
  readonly columns: readonly TargetColumn[];
  /** Inputs and outputs that are no columns. */
  readonly left: readonly Left[];
  /** Columns, inputs and outputs of the versions that the declared one comes from, and the first that has them. */
  readonly earlier: ReadonlyMap<string, string>;
}

/** Undefined where the registry does not say what the deployment runs. */
function targetIn({ target }: MonitorSpec, related: Related): NamedTarget | undefined {
  const found = related.get<DeploymentSpec>(refOf('Deployment', target.deployment, target.environment));
  if (found === undefined) return undefined;
  const { model, version, logging } = found.spec;
  const versionOf = (name: string) => related.get<ModelVersionSpec>(refOf('ModelVersion', name, model));
  const declared = versionOf(version);
  if (declared === undefined) return undefined;
  const evaluation = related.get<ModelSpec>(refOf('Model', model))?.spec.evaluation;
  const { columns, left } = columnsOf(declared.spec.signature, evaluation, logging);
  const earlier = new Map<string, string>();
  for (const one of ancestorsOf(declared, versionOf)) {
    const before = columnsOf(one.spec.signature, evaluation, undefined);
    for (const { name, field } of before.columns)
      for (const known of [name, field]) if (!earlier.has(known)) earlier.set(known, one.metadata.name);
  }
  return {
    title: `${model} ${version}`,
    columns,
    left,
    earlier,
  };
}

const mostAncestors = 100;

function ancestorsOf(
  version: Resource<ModelVersionSpec>,
  versionOf: (name: string) => Resource<ModelVersionSpec> | undefined,
): readonly Resource<ModelVersionSpec>[] {
  const found = new Map([[version.ref, version]]);
  for (const { spec } of found.values()) {
    for (const parent of spec.parents ?? []) {
      const one = versionOf(parent);
      if (one !== undefined && found.size <= mostAncestors) found.set(one.ref, one);
    }
  }
  return [...found.values()].slice(1);
}

function nameFindings({ name, pointer, of, as }: Named, target: NamedTarget): readonly Finding[] {
  const { title, columns, left, earlier } = target;
  const isMeant = (one: { readonly of: 'input' | 'output' }) => of !== 'input' || one.of === 'input';
  const meant = columns.filter(isMeant);
  const isValue = as !== 'tensor' && meant.some((column) => column.name === name);
  const isTensor = as !== 'value' && meant.some(({ field }) => field === name);
  if (isValue || isTensor) return [];
  if (name === toldLabel && of !== 'input') return [];
  const kept = left.find((one) => one.name === name && isMeant(one));
  if (kept !== undefined) {
    if (as !== 'value') return [];
    const message = `"${name}" is not compared: ${kept.reason}`;
    return [{ code: 'ColumnNotCompared', pointer, message, severity: 'warning' }];
  }
  const version = earlier.get(name);
  if (version !== undefined) {
    const message = `${title}, which the deployment declares, has no ${of} "${name}"; ${version} has it`;
    const hint = 'Take it out once nothing goes back to that version.';
    return [{ code: 'ColumnStale', pointer, message, hint, severity: 'warning' }];
  }
  const first = meant.find(({ field }) => field === name);
  const candidates = meant.map((column) => (as === 'tensor' ? column.field : column.name));
  const hint =
    first === undefined
      ? didYouMean(name, candidates)
      : `It has several values a row, each a column: write "${first.name}".`;
  return [
    {
      code: as === 'tensor' ? 'UnknownInput' : 'UnknownColumn',
      pointer,
      message: `${title}, which the deployment declares, has no ${of} "${name}"`,
      ...(hint === undefined ? {} : { hint }),
    },
  ];
}
