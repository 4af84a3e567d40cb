import { createHash } from 'node:crypto';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readModel, readSignature, writeModel } from '../../libraries/onnx/index.ts';
import {
  categories,
  isBetween,
  isHeldOut,
  type Question,
  readStrikes,
} from '../../registry-repo-template/training/bird-strikes.ts';
import {
  type Classifier,
  fitClassifier,
  labelOf,
  probabilityOf,
} from '../../registry-repo-template/training/classifier.ts';
import { recipes } from '../../registry-repo-template/training/recipes.ts';
import { artifact, registryFile, type TensorData, versionManifest, versions } from './registry.ts';

const strikes = readStrikes(registryFile('data/bird-strikes.csv'));

describe.each(versions)('version %s of the bird-strike model', (version) => {
  const bytes = artifact(version);
  const manifest = versionManifest(version);
  let session: InferenceSession;
  let classifier: Classifier;

  beforeAll(async () => {
    session = await InferenceSession.create(bytes);
    const recipe = recipes.find((one) => one.version === version)!;
    const rows = strikes.filter((row) => isBetween(row, recipe.years) && !isHeldOut(row));
    classifier = fitClassifier(rows, recipe.parameters);
  });

  afterAll(async () => {
    await session.release();
  });

  it('is the file that its manifest names, and has the signature that it states', () => {
    expect(`sha256:${createHash('sha256').update(bytes).digest('hex')}`).toBe(manifest.spec.artifact.digest);
    expect(bytes.length).toBe(manifest.spec.artifact.size);
    const { inputs, outputs } = readSignature(bytes);
    const stated = (tensors: typeof inputs) =>
      tensors.map((tensor) => ({ ...tensor, shape: tensor.shape?.map((size) => size ?? -1) }));
    expect(stated(inputs)).toEqual(manifest.spec.signature.inputs);
    expect(stated(outputs)).toEqual(manifest.spec.signature.outputs);
  });

  it('is written as the ONNX library would write it', () => {
    expect(Buffer.from(writeModel(readModel(bytes))).equals(bytes)).toBe(true);
  });

  it('answers every reported strike as the trainer does, within 1e-6', async () => {
    const { probability, label } = await ask(session, strikes);
    const expected = strikes.map((strike) => probabilityOf(classifier, strike));
    const worst = Math.max(...expected.map((value, row) => Math.abs(value - probability[row]!)));
    expect(probability).toHaveLength(9985);
    expect(worst).toBeLessThan(1e-6);
    // A probability within rounding of the threshold may fall on either side of it.
    const wrong = strikes.filter(
      (strike, row) =>
        labelOf(classifier, strike) !== label[row] && Math.abs(expected[row]! - classifier.threshold) > 1e-6,
    );
    expect(wrong).toEqual([]);
    expect(new Set(label)).toEqual(new Set([0, 1]));
  });

  it.each(categories)(
    'answers a level of %s that it has never seen as it answers a rare one',
    async (column) => {
      const frequent = new Set(classifier.encodings[column].keys());
      const rare = strikes.find((strike) => !frequent.has(strike[column]));
      const question = rare ?? strikes[0]!;
      const { probability } = await ask(session, [
        { ...question, [column]: 'never seen before' },
        { ...question, [column]: '' },
        ...(rare ? [rare] : []),
      ]);
      expect(new Set(probability).size).toBe(1);
    },
  );

  it('answers its golden examples within their tolerance', async () => {
    expect(manifest.spec.examples.length).toBeGreaterThanOrEqual(2);
    for (const example of manifest.spec.examples) {
      const feeds = Object.fromEntries(example.inputs.map((input) => [input.name, tensorOf(input)]));
      const answers = await session.run(feeds);
      for (const output of example.outputs) {
        const answer = Array.from(answers[output.name]?.data as ArrayLike<number | bigint>, Number);
        expect(answers[output.name]?.dims).toEqual(output.shape);
        for (const [index, value] of answer.entries()) {
          const difference = Math.abs(value - Number(output.data[index]));
          expect(difference, `${example.name} ${output.name}`).toBeLessThanOrEqual(
            example.tolerance.absolute,
          );
        }
      }
    }
  });
});

it('the two versions answer differently, so that a promotion shows', async () => {
  const [older, newer] = await Promise.all(
    versions.map(async (version) => {
      const session = await InferenceSession.create(artifact(version));
      const { probability } = await ask(session, strikes.slice(0, 100));
      await session.release();
      return probability;
    }),
  );
  expect(older!.filter((value, row) => Math.abs(value - newer![row]!) > 1e-3).length).toBeGreaterThan(90);
});

async function ask(session: InferenceSession, questions: readonly Question[]) {
  const dims = [questions.length, 1];
  const feeds: Record<string, Tensor> = {
    speed_knots: new Tensor(
      'float32',
      Float32Array.from(questions, (row) => row.speed_knots),
      dims,
    ),
  };
  for (const column of categories) {
    feeds[column] = new Tensor(
      'string',
      questions.map((row) => row[column]),
      dims,
    );
  }
  const { probability, label } = await session.run(feeds);
  return {
    probability: Array.from(probability?.data as Float32Array),
    label: Array.from(label?.data as BigInt64Array, Number),
  };
}

function tensorOf({ datatype, data, shape }: TensorData): Tensor {
  return datatype === 'BYTES'
    ? new Tensor('string', data as string[], shape)
    : new Tensor('float32', data as number[], shape);
}
