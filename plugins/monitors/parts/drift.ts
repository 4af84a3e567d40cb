/** Whether predictions are distributed otherwise than the reference: all of them, in slices, and over time. */
import { codeOf, messageOf } from '../../../core/plugin.ts';
import type { Judged, Part, Scene } from '../scene.ts';
import { nothing, type PartVerdict, type RunStatus } from '../verdict.ts';
import { type Compared, type Comparison, compare } from './drift/comparison.ts';
import { type OverTimeState, overTime } from './drift/over-time.ts';
import { verdictOf } from './drift/report.ts';
import { type Slice, sliceName, slicesOf } from './drift/slices.ts';
import { judgeTogether, methodsOf } from './drift/together.ts';

export const drift: Part = {
  name: 'drift',
  isDeclared: ({ drift: spec }) => spec !== undefined,
  async judge(scene) {
    const { memory } = scene;
    const slices = slicesOf(scene.spec, scene.target);
    const looks = 1 + slices.length + methodsOf(scene).length;
    const compared = await compare(scene, undefined, looks);
    const { rows } = compared;
    // What was remembered stays so: a check that judges nothing is no sign of anything.
    if ('nothing' in compared) return { ...compared.nothing, rows, memory };
    const whole = verdictOf(compared.report, compared.left);
    const found = await judgeSlices(scene, looks);
    const inTime = judgeOverTime(scene, compared);
    const together = await judgeTogether(scene, compared, looks);
    const judged = [
      whole,
      ...found.verdicts,
      ...(together === undefined ? [] : [together]),
      ...(inTime === undefined ? [] : [inTime.verdict]),
    ];
    const [worst = whole] = [...judged].sort((one, other) => rank(one.status) - rank(other.status));
    return {
      ...whole,
      ...{ status: worst.status, reason: worst.reason, message: worst.message },
      facts: { ...whole.facts, ...found.facts, ...together?.facts, ...inTime?.verdict.facts },
      details: { ...whole.details, ...found.details, ...together?.details, ...inTime?.verdict.details },
      rows,
      memory: inTime?.state ?? memory,
    } satisfies Judged;
  },
};

/** The first of the same rank speaks: all before slices, slices before all together, that before time. */
function rank(status: RunStatus): number {
  return status === 'breached' ? 0 : status === 'warning' ? 1 : 2;
}

const mostSliceNames = 16;

async function judgeSlices(scene: Scene, looks: number) {
  const verdicts: PartVerdict[] = [];
  const shown: object[] = [];
  const drifted: string[] = [];
  const slices = slicesOf(scene.spec, scene.target);
  for (const slice of slices) {
    const name = sliceName(slice);
    const compared = await compareSlice(scene, slice, looks);
    const verdict = 'nothing' in compared ? compared.nothing : verdictOf(compared.report, []);
    const { status, facts } = verdict;
    if (status === 'breached') {
      drifted.push(name);
      verdicts.push({ ...verdict, reason: 'DriftInSlice', message: `${name}: ${verdict.message}` });
    }
    const why = 'nothing' in compared ? { message: verdict.message } : {};
    shown.push({ slice: name, status, reason: verdict.reason, rows: compared.rows, ...why, ...facts });
  }
  if (slices.length === 0) return { verdicts, facts: {}, details: {} };
  return {
    verdicts,
    facts: { slices: slices.length, driftedSlices: drifted.slice(0, mostSliceNames) },
    details: { slices: shown },
  };
}

/** A slice that the dataset has no rows of is told as such: the others are judged all the same. */
async function compareSlice(scene: Scene, slice: Slice, looks: number): Promise<Comparison> {
  try {
    return await compare(scene, slice, looks);
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'ReferenceUnusable') throw error;
    return { nothing: nothing('inconclusive', code, messageOf(error)), rows: 0 };
  }
}

function judgeOverTime({ spec, memory, window }: Scene, { report, first }: Compared) {
  const declared = spec.drift?.overTime;
  if (declared === undefined) return undefined;
  const { share, compared: columns } = report.dataset;
  // Where nothing was compared, no share is no sign of anything.
  if (columns === 0) return undefined;
  const checked = { share, columns, first, to: window.to };
  const { state, signals, seen, evidence } = overTime(declared, checked, (memory ?? {}) as OverTimeState);
  const details = { overTime: { signals, seen, evidence } };
  const alarms = Object.keys(signals).filter((name) => signals[name] === 'alarm');
  const about = { facts: { alarms }, details };
  const verdict: PartVerdict =
    signals.anytime === 'alarm'
      ? {
          ...{ ...about, status: 'breached', reason: 'DriftOverTime' },
          message: `over many windows more columns drift than ${declared.baseline ?? 10} %`,
        }
      : alarms.length > 0
        ? {
            ...{ ...about, status: 'warning', reason: 'ChangeDetected' },
            message: `the share of drifted columns changed: ${alarms.join(', ')}`,
          }
        : { ...about, status: 'ok', reason: 'NoDrift', message: 'no more columns drift than before' };
  return { state, verdict };
}
