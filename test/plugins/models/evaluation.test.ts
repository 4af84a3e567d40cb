import { describe, expect, it } from 'vitest';
import type { Resource } from '../../../core/plugin.ts';
import { datasetKind } from '../../../plugins/models/dataset.ts';
import { modelKind } from '../../../plugins/models/model.ts';
import { modelVersionKind } from '../../../plugins/models/model-version.ts';
import type { DatasetSpec } from '../../../schemas/generated/dataset.ts';
import type { ModelSpec } from '../../../schemas/generated/model.ts';
import type { ModelVersionSpec } from '../../../schemas/generated/model-version.ts';
import { manifestOf, relatedTo } from '../../fixtures/manifest.ts';

type Evaluation = NonNullable<ModelSpec['evaluation']>;

const tensor = (name: string) => ({ name, datatype: 'FP32' as const, shape: [-1, 1] });
const dataset = manifestOf<DatasetSpec>(
  datasetKind,
  { name: 'strikes' },
  {
    description: 'Bird strikes.',
    versions: [
      {
        version: '1',
        uri: 'https://example.com/1.csv',
        digest: `sha256:${'0'.repeat(64)}`,
        rows: 5,
        size: 5,
      },
    ],
    columns: ['speed', 'damage', 'phase'].map((name) => ({ name, type: 'string' as const })),
  },
);

const good: Evaluation = {
  dataset: { name: 'strikes', version: '1' },
  label: { column: 'damage', negative: ['None'] },
  score: { output: 'probability' },
  metrics: [{ name: 'auc', maxDrop: 0.01 }],
  slices: ['phase'],
};

function findingsOf(evaluation: Partial<Evaluation>) {
  const model = manifestOf<ModelSpec>(
    modelKind,
    { name: 'm' },
    {
      task: 'tabular-classification',
      description: 'Will it?',
      owners: ['ada'],
      signature: { inputs: [tensor('speed')], outputs: [tensor('probability')] },
      evaluation: { ...good, ...evaluation },
    },
  );
  const found = modelKind.validate?.(model, relatedTo(modelKind, model, [model, dataset])) ?? [];
  return found.filter(({ pointer }) => pointer.startsWith('/spec/evaluation'));
}

describe('the evaluation of a model', () => {
  it('is fine where the dataset and the signature have what it names', () => {
    expect(findingsOf({})).toEqual([]);
  });

  it.each([
    [
      { dataset: { name: 'strikes', version: '2' } },
      'UnknownDatasetVersion',
      '/spec/evaluation/dataset/version',
    ],
    [{ where: [{ column: 'year', from: '1999' }] }, 'UnknownColumn', '/spec/evaluation/where/0/column'],
    [{ label: { column: 'harm' } }, 'UnknownColumn', '/spec/evaluation/label/column'],
    [{ slices: ['season'] }, 'UnknownColumn', '/spec/evaluation/slices/0'],
    [
      { inputs: [{ name: 'speed', columns: ['knots'] }] },
      'UnknownColumn',
      '/spec/evaluation/inputs/0/columns/0',
    ],
    [{ inputs: [{ name: 'height' }] }, 'UnknownInput', '/spec/evaluation/inputs/0/name'],
    [{ score: { output: 'odds' } }, 'UnknownOutput', '/spec/evaluation/score/output'],
    [
      { metrics: [{ name: 'recall', maxDrop: 0 }] },
      'EvaluationIncomplete',
      '/spec/evaluation/metrics/0/name',
    ],
    [
      { metrics: [...good.metrics, ...good.metrics] as Evaluation['metrics'] },
      'DuplicateMetric',
      '/spec/evaluation/metrics/1/name',
    ],
    [
      { label: { column: 'damage', positive: ['Minor'], negative: ['None'] } },
      'EvaluationIncomplete',
      '/spec/evaluation/label/negative',
    ],
    [{ requests: 'file:../../../outside.jsonl' }, 'InvalidUri', '/spec/evaluation/requests'],
  ] as const)('is wrong at the line that names what is not there: %j', (evaluation, code, pointer) => {
    expect(findingsOf(evaluation as Partial<Evaluation>)).toMatchObject([{ code, pointer }]);
  });

  it.each([
    [
      'an output',
      { inputs: [tensor('speed')], outputs: [tensor('chance')] },
      '/spec/evaluation/score/output',
    ],
    ['an input', { inputs: [tensor('height')], outputs: [tensor('probability')] }, '/spec/evaluation'],
  ])('that fits an earlier version only is stale where %s went: a warning', (_, signature, pointer) => {
    const spec = { task: 'other', description: 'Will it?', owners: ['ada'], signature, evaluation: good };
    const model = manifestOf<ModelSpec>(modelKind, { name: 'm' }, spec as ModelSpec);
    const old = { signature: { inputs: [tensor('speed')], outputs: [tensor('probability')] } };
    const version = manifestOf<ModelVersionSpec>(
      modelVersionKind,
      { name: '1.0.0', model: 'm' },
      old as ModelVersionSpec,
    );
    const found = (all: readonly Resource[]) =>
      (modelKind.validate?.(model, relatedTo(modelKind, model, all)) ?? []).filter(
        (finding) => finding.pointer === pointer,
      );
    expect(found([model, dataset, version])).toMatchObject([
      { code: 'EvaluationStale', severity: 'warning', message: expect.stringContaining('fits 1.0.0') },
    ]);
    expect(found([model, dataset])[0]?.severity, 'without such a version it is a mistake').toBeUndefined();
  });

  it('stands on its dataset and on its file of requests', () => {
    const model = manifestOf<ModelSpec>(
      modelKind,
      { name: 'm' },
      {
        task: 'other',
        description: 'Will it?',
        owners: ['ada'],
        signature: { inputs: [tensor('speed')], outputs: [tensor('probability')] },
        evaluation: { ...good, requests: 'file:requests.jsonl' },
      },
    );
    expect(modelKind.references?.(model).map(({ to }) => to)).toContain('Dataset/strikes');
    expect(modelKind.attachments?.(model).map(({ path }) => path)).toEqual([
      'models/m/card.md',
      'models/m/requests.jsonl',
    ]);
  });
});
