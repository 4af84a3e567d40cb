import {
  type AttachmentRequest,
  type Finding,
  type Reference,
  type Related,
  type Resource,
  refOf,
} from '../../core/plugin.ts';
import type { DatasetSpec } from '../../schemas/generated/dataset.ts';
import type { ModelSpec } from '../../schemas/generated/model.ts';
import type { ModelVersionSpec } from '../../schemas/generated/model-version.ts';
import { attachmentOfUri, uriFindings } from './uri.ts';

type Evaluation = NonNullable<ModelSpec['evaluation']>;
type Signature = Pick<ModelSpec['signature'], 'inputs' | 'outputs'>;

const base = '/spec/evaluation';
/** Metrics of a score; the others are of a prediction. */
const scored = new Set(['auc', 'log-loss', 'brier']);

/** The dataset that a model is compared on. */
export function evaluationReferences({ evaluation }: ModelSpec): readonly Reference[] {
  if (evaluation === undefined) return [];
  return [{ to: refOf('Dataset', evaluation.dataset.name), pointer: `${base}/dataset/name`, wakes: false }];
}

export function evaluationAttachments(model: Resource<ModelSpec>): readonly AttachmentRequest[] {
  const requests = model.spec.evaluation?.requests;
  return requests === undefined ? [] : attachmentOfUri(model, requests, `${base}/requests`);
}

/**
 * Holds what an evaluation names to the dataset and to the model's signature. One that fits an earlier version is no mistake:
 * the signature went on without it, which nobody need wait for (`EvaluationStale`, a warning).
 */
export function evaluationFindings(
  model: Resource<ModelSpec>,
  related: Related,
  versions: readonly Resource<ModelVersionSpec>[],
): readonly Finding[] {
  const { evaluation, signature } = model.spec;
  if (evaluation === undefined) return [];
  const dataset = related.get<DatasetSpec>(refOf('Dataset', evaluation.dataset.name));
  const findings = contentFindings(evaluation, signature, dataset);
  const fits = (version: Resource<ModelVersionSpec>) =>
    contentFindings(evaluation, version.spec.signature, dataset).length === 0;
  const fitting = findings.length === 0 ? undefined : versions.find(fits);
  const requests = evaluation.requests;
  return [
    ...(fitting === undefined ? findings : findings.map((finding) => stale(finding, fitting))),
    ...(requests === undefined ? [] : uriFindings(model, requests, `${base}/requests`)),
  ];
}

function stale({ pointer, message }: Finding, { metadata }: Resource<ModelVersionSpec>): Finding {
  return {
    code: 'EvaluationStale',
    severity: 'warning',
    pointer,
    message: `the evaluation fits ${metadata.name}, but not the signature of now: ${message}`,
    hint: 'Bring the evaluation up to the signature in a proposal: until then new versions cannot be compared.',
  };
}

function contentFindings(
  evaluation: Evaluation,
  signature: Signature,
  dataset: Resource<DatasetSpec> | undefined,
): readonly Finding[] {
  return [
    ...outputFindings(evaluation, signature),
    ...inputFindings(evaluation, signature),
    ...(dataset === undefined ? [] : datasetFindings(evaluation, signature, dataset)),
  ];
}

function outputFindings(evaluation: Evaluation, signature: Signature): readonly Finding[] {
  const findings: Finding[] = [];
  for (const side of ['score', 'prediction'] as const) {
    const given = evaluation[side];
    if (given === undefined || signature.outputs.some(({ name }) => name === given.output)) continue;
    findings.push({
      code: 'UnknownOutput',
      pointer: `${base}/${side}/output`,
      message: `the model has no output "${given.output}": it has ${namesOf(signature.outputs)}`,
    });
  }
  const seen = new Set<string>();
  for (const [index, { name }] of evaluation.metrics.entries()) {
    const pointer = `${base}/metrics/${index}/name`;
    const side = scored.has(name) ? 'score' : 'prediction';
    if (evaluation[side] === undefined) {
      findings.push({
        code: 'EvaluationIncomplete',
        pointer,
        message: `${name} needs a ${side}`,
        hint: `Add ${side}: { output: … } to the evaluation.`,
      });
    }
    if (seen.has(name)) findings.push({ code: 'DuplicateMetric', pointer, message: `${name} stands twice` });
    seen.add(name);
  }
  if (evaluation.label.positive !== undefined && evaluation.label.negative !== undefined) {
    findings.push({
      code: 'EvaluationIncomplete',
      pointer: `${base}/label/negative`,
      message: 'a label lists either the values that are positive or those that are negative',
      hint: 'Remove one of the two lists: all other values belong to the other side.',
    });
  }
  return findings;
}

function inputFindings(evaluation: Evaluation, signature: Signature): readonly Finding[] {
  return (evaluation.inputs ?? []).flatMap(({ name }, index) =>
    signature.inputs.some((input) => input.name === name)
      ? []
      : {
          code: 'UnknownInput',
          pointer: `${base}/inputs/${index}/name`,
          message: `the model has no input "${name}": it has ${namesOf(signature.inputs)}`,
        },
  );
}

function datasetFindings(
  evaluation: Evaluation,
  signature: Signature,
  dataset: Resource<DatasetSpec>,
): readonly Finding[] {
  const findings: Finding[] = [];
  const { name, version } = evaluation.dataset;
  const versions = dataset.spec.versions.map((one) => one.version);
  if (!versions.includes(version)) {
    findings.push({
      code: 'UnknownDatasetVersion',
      pointer: `${base}/dataset/version`,
      message: `the dataset ${name} has no version "${version}": it has ${versions.join(', ')}`,
      hint: `Add the version to ${dataset.origin.path}, or correct it here.`,
    });
  }
  const columns = new Set(dataset.spec.columns.map((column) => column.name));
  for (const [column, pointer] of columnsOf(evaluation, signature)) {
    if (columns.has(column)) continue;
    findings.push({
      code: 'UnknownColumn',
      pointer,
      message: `the dataset ${name} has no column "${column}"`,
      hint: `Correct the name, or describe the column in ${dataset.origin.path}.`,
    });
  }
  return findings;
}

/** Every column that an evaluation reads, with the field that names it. */
function* columnsOf(evaluation: Evaluation, signature: Signature): Generator<readonly [string, string]> {
  for (const [index, { column }] of (evaluation.where ?? []).entries())
    yield [column, `${base}/where/${index}/column`];
  yield [evaluation.label.column, `${base}/label/column`];
  for (const [index, column] of (evaluation.slices ?? []).entries())
    yield [column, `${base}/slices/${index}`];
  for (const { name } of signature.inputs) {
    const index = (evaluation.inputs ?? []).findIndex((input) => input.name === name);
    const columns = evaluation.inputs?.[index]?.columns;
    if (columns === undefined) yield [name, index < 0 ? base : `${base}/inputs/${index}/name`];
    for (const [at, column] of (columns ?? []).entries())
      yield [column, `${base}/inputs/${index}/columns/${at}`];
  }
}

function namesOf(tensors: readonly { readonly name: string }[]): string {
  return tensors.map(({ name }) => name).join(', ');
}
