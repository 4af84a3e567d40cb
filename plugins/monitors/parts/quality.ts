/** Whether what is asked is what the dataset promises: types, ranges, missing values, categories. */
import { type Resource, refOf } from '../../../core/plugin.ts';
import { readProfile } from '../../../libraries/profile/index.ts';
import {
  type ExpectedColumn,
  judgeQuality,
  type QualityFinding,
} from '../../../libraries/profile/quality/index.ts';
import type { DatasetSpec } from '../../../schemas/generated/dataset.ts';
import { askedOf, type TargetColumn } from '../columns.ts';
import { referenceUnusable } from '../errors.ts';
import type { Judged, Part, Scene } from '../scene.ts';
import { nothing } from '../verdict.ts';

export const quality: Part = {
  name: 'quality',
  isDeclared: ({ quality: spec }) => spec !== undefined,
  async judge(scene) {
    const { target, window, sink, signal } = scene;
    const asked = promisedInputs(scene);
    if (asked.length === 0)
      return nothing('noData', 'NothingPromised', 'the dataset declares none of the inputs');
    const { environment, deployment } = target;
    const { from, to, newest } = window;
    const { rows, profile } = await sink.profile(
      {
        ...{ environment, deployment, from, to },
        ...(newest === undefined ? {} : { newest }),
        columns: asked.map(({ column }) => askedOf(column)),
      },
      signal,
    );
    if (rows === 0)
      return { ...nothing('noData', 'NoTraffic', 'no prediction was logged in the window'), rows };
    if (rows < window.minRows) {
      const message = `${rows} rows in the window, and nothing is judged below ${window.minRows}`;
      return { ...nothing('inconclusive', 'TooFewRows', message), rows };
    }
    const findings = judgeQuality(
      readProfile(profile),
      { columns: asked.map(({ promise }) => promise) },
      { now: to },
    );
    return { ...verdictOf(findings), rows };
  },
};

interface PromisedInput {
  readonly column: TargetColumn;
  readonly promise: ExpectedColumn;
}

/** Inputs of which the reference's dataset says what their values are. Throws `ReferenceUnusable`. */
function promisedInputs({ spec, target, find }: Scene): readonly PromisedInput[] {
  const named = spec.reference.dataset;
  if (named === undefined)
    throw referenceUnusable('spec.quality', 'what is promised is said by a dataset, and none is named');
  const dataset = find(refOf('Dataset', named.name)) as Resource<DatasetSpec> | undefined;
  if (dataset === undefined) throw referenceUnusable(named.name, 'no such dataset is in the registry');
  const promises = new Map(dataset.spec.columns.map((column) => [column.name, column]));
  const ignored = new Set(spec.quality?.ignore ?? []);
  return target.columns.flatMap((column) => {
    const promise = column.datasetColumn === undefined ? undefined : promises.get(column.datasetColumn);
    if (column.of !== 'input' || promise === undefined) return [];
    if (ignored.has(column.name) || ignored.has(column.field)) return [];
    // That no value stands twice is promised of the dataset's rows, and not of what callers ask.
    return [{ column, promise: { ...promise, name: column.name, unique: false } }];
  });
}

const mostNamed = 16;
const mostShown = 500;

/** What is found in values is not told: values of predictions stay in the log, where they can be erased. */
function verdictOf(findings: readonly QualityFinding[]): Judged {
  const broken = findings.filter(({ status }) => status === 'fail');
  const unknown = findings.filter(({ status }) => status === 'unknown').length;
  const names = [...new Set(broken.map(({ column, rule }) => `${column} ${rule}`))];
  const shown = [...broken, ...findings.filter(({ status }) => status !== 'fail')].slice(0, mostShown);
  const about = {
    facts: { promises: findings.length, broken: broken.length, unknown, names: names.slice(0, mostNamed) },
    details: {
      findings: shown.map(({ column, rule, expected, found, status }) => ({
        ...{ column, rule, expected, status },
        ...(rule === 'missing' || rule === 'present' ? { found } : {}),
      })),
    },
  };
  if (broken.length === 0)
    return { status: 'ok', reason: 'PromisesKept', message: `${findings.length} promises kept`, ...about };
  const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
  const message = `${broken.length} of ${findings.length} promises broken: ${names.slice(0, 3).join(', ')}${more}`;
  return { status: 'breached', reason: 'PromisesBroken', message, ...about };
}
