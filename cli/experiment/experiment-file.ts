import { LineCounter, parseDocument } from 'yaml';
import { pointerSteps } from '../../core/manifest/json.ts';
import { compileSchema } from '../../core/manifest/schema-findings.ts';
import { messageOf } from '../../core/plugin.ts';
import type { Experiment, NormalPrior } from '../../libraries/statistics/index.ts';
import { invalidExperiment } from '../errors.ts';
import { experimentSchema } from './experiment-schema.ts';

/** As it is written: a prior may say that it is none. */
interface WrittenExperiment extends Omit<Experiment, 'prior'> {
  readonly prior?: NormalPrior & { readonly proper?: boolean };
}

/** Reads an experiment from JSON, or YAML. Throws `InvalidExperiment` with the place of the first thing that is not right. */
export function readExperiment(file: string, text: string): Experiment {
  const lines = new LineCounter();
  const document = attempt(file, () =>
    parseDocument(text, { lineCounter: lines, schema: 'core', prettyErrors: false }),
  );
  const placeOf = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const [error] = document.errors;
  if (error !== undefined) throw invalidExperiment(placeOf(error.pos[0]), error.message);
  const value = attempt(file, () => document.toJS({ maxAliasCount: 0 }));

  findings ??= compileSchema({
    kind: 'experiment',
    plural: 'experiments',
    description: 'An experiment, as sums of its arms.',
    path: '',
    schema: experimentSchema,
  });
  const [finding] = findings(value);
  if (finding !== undefined) {
    throw invalidExperiment(
      placeOf(offsetOf(finding.pointer)),
      `${wordsOf(finding.pointer)}${finding.message}`,
      finding.hint,
    );
  }
  const { prior, ...experiment } = value as WrittenExperiment;
  if (prior === undefined || prior.proper === false) return experiment;
  return { ...experiment, prior: { mean: prior.mean, variance: prior.variance } };

  /** Where the value stands, or what should hold it. */
  function offsetOf(pointer: string): number {
    const steps = pointerSteps(pointer).map((step) => (/^\d+$/.test(step) ? Number(step) : step));
    for (let length = steps.length; length >= 0; length--) {
      const node = document.getIn(steps.slice(0, length), true) as { range?: readonly number[] } | undefined;
      const start = node?.range?.[0];
      if (start !== undefined) return start;
    }
    return 0;
  }
}

let findings: ReturnType<typeof compileSchema> | undefined;

/** Nesting without end and aliases are thrown by the reader itself. */
function attempt<Result>(file: string, read: () => Result): Result {
  try {
    return read();
  } catch (thrown) {
    throw invalidExperiment(file, messageOf(thrown));
  }
}

/** `arms.1.n: `, before what is wrong with it. */
function wordsOf(pointer: string): string {
  const path = pointerSteps(pointer).join('.');
  return path === '' ? '' : `${path}: `;
}
