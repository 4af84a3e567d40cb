/**
 * Artifacts that are nearly models, by their bytes and by their parts: each ends in an error or in a model, and none takes the process
 * with it. `FUZZ_SECONDS=600 npx vitest run test/plugins/serving/dataplane/fuzz` goes on for ten minutes; `FUZZ_SEED` begins elsewhere. Where
 * the process does end, the model that did it is the file `switchyard-mutated-model.onnx` of the folder for temporary files.
 */
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { OnnxError, readModel, readSignature, writeModel } from '../../../../../libraries/onnx/index.ts';
import { seededRandom } from '../../../../../libraries/statistics/index.ts';
import { refuseExternalData } from '../../../../../plugins/serving/dataplane/load/external-data.ts';
import { syntheticInputs } from '../../../../../plugins/serving/dataplane/load/synthetic-inputs.ts';
import type { TensorInterface } from '../../../../../plugins/serving/dataplane/protocol/model-interface.ts';
import { openSession, type RuntimeValue } from '../../../../../plugins/serving/dataplane/run/session.ts';
import {
  centredModel,
  divisionModel,
  encoderModel,
  identityModel,
  linearModel,
  lookupModel,
  twoSidedModel,
} from '../fixtures/models.ts';
import { branchingModel, mutateModel, nestedModel, withExternalData } from './mutated-model.ts';

const seconds = Number(process.env.FUZZ_SECONDS ?? '0');
const seed = Number(process.env.FUZZ_SEED ?? '20263');
/** Without a time, so many models of each sort. */
const models = 1_000;

const small = [linearModel(2, 1), encoderModel(), lookupModel(), twoSidedModel()].map(({ bytes }) => bytes);
const rightModels = [
  ...small,
  ...[centredModel(), divisionModel(), identityModel('INT64'), identityModel('BYTES')].map(
    ({ bytes }) => bytes,
  ),
  branchingModel(),
].map((bytes) => readModel(bytes));

/** The code of the error that it ends in; undefined where it is a model, which has been run then. */
async function tried(bytes: Uint8Array): Promise<string | undefined> {
  if (seconds > 0) writeFileSync(join(tmpdir(), 'switchyard-mutated-model.onnx'), bytes);
  try {
    refuseExternalData(bytes);
    const session = await openSession(bytes);
    const inputs = session.inputs.filter(isSmall);
    if (inputs.length === session.inputs.length) {
      const names = (values: readonly RuntimeValue[]) => values.map(({ name }) => name);
      const run = session.run(names(inputs), syntheticInputs(inputs, 2, 1, 1), names(session.outputs));
      await run.catch(() => undefined);
    }
    await session.release();
    return undefined;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === undefined) throw error;
    return code;
  }
}

function isSmall(value: RuntimeValue): value is RuntimeValue & TensorInterface {
  const elements = (value.shape ?? []).reduce((product, size) => product * Math.abs(size), 1);
  return value.datatype !== undefined && value.shape !== undefined && elements < 10_000;
}

/** A model with some bytes changed, and perhaps its end cut off. */
const mutated = fc
  .tuple(
    fc.constantFrom(...small),
    fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }),
    fc.option(fc.nat(), { freq: 4 }),
  )
  .map(([bytes, changes, cut]) => {
    const copy = Uint8Array.from(bytes);
    for (const [at, byte] of changes) copy[at % copy.length] = byte;
    return cut === null ? copy : copy.slice(0, cut % copy.length);
  });

const timeout = (seconds + 240) * 1000;

it('a broken artifact ends in an error or in a model, and never takes the process with it', {
  timeout,
}, async () => {
  let loaded = 0;
  await fc.assert(
    fc.asyncProperty(mutated, async (bytes) => {
      const code = await tried(bytes);
      if (code === undefined) loaded++;
      else expect(code).toMatch(/^(InvalidModel|ExternalData)$/);
    }),
    {
      seed,
      ...(seconds > 0
        ? { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: seconds * 500 }
        : { numRuns: models }),
    },
  );
  expect(loaded).toBeGreaterThan(5);
});

it('so does a model with parts that do not fit together', { timeout }, async () => {
  const random = seededRandom(seed);
  const end = Date.now() + seconds * 500;
  const memory: number[] = [];
  let loaded = 0;
  for (let count = 0; count < models || Date.now() < end; count++) {
    const bytes = writeModel(mutateModel(rightModels[random.below(rightModels.length)]!, random));
    const code = await tried(bytes);
    if (code === undefined) loaded++;
    else expect(code, `model ${count} of seed ${seed}`).toBe('InvalidModel');
    try {
      readSignature(bytes);
    } catch (error) {
      expect(error, `the signature of model ${count} of seed ${seed}`).toBeInstanceOf(OnnxError);
    }
    if (count % 20 === 0) memory.push(process.memoryUsage().rss);
  }
  expect(loaded).toBeGreaterThan(50);
  if (seconds > 0) console.log(memory.length * 20, loaded);
  if (seconds < 30) return;
  const most = Math.max(...memory.slice(0, Math.ceil(memory.length / 2)));
  expect(memory.at(-1)! / most, 'memory of the process at the end against its first half').toBeLessThan(1.25);
});

it('a tensor that names another file is found wherever it stands', async () => {
  const random = seededRandom(seed);
  for (let count = 0; count < 300; count++) {
    const right = rightModels[random.below(rightModels.length)]!;
    const bytes = writeModel(withExternalData(right, random));
    expect(await tried(bytes), `model ${count} of seed ${seed}`).toBe('ExternalData');
  }
});

it('graphs in graphs without end are refused', async () => {
  for (const depth of [60, 200, 400])
    expect(await tried(writeModel(nestedModel(readModel(branchingModel()), depth))), `${depth}`).toBe(
      'InvalidModel',
    );
});
