/** Whether the inputs belong together as they did, which no column shows by itself. */
import { codeOf, messageOf } from '../../../../core/plugin.ts';
import {
  type MultivariateDrift,
  multivariateMethods,
} from '../../../../libraries/statistics/multivariate/index.ts';
import type { Scene } from '../../scene.ts';
import { nothing, type PartVerdict } from '../../verdict.ts';
import type { Compared } from './comparison.ts';
import { bothRows } from './rows.ts';

/** How many comparisons that makes. */
export function methodsOf({ spec }: Scene): readonly MultivariateDrift['method'][] {
  const declared = spec.drift?.multivariate;
  return declared === undefined ? [] : (declared.methods ?? multivariateMethods);
}

export async function judgeTogether(
  scene: Scene,
  { report, rows, first }: Compared,
  looks: number,
): Promise<PartVerdict | undefined> {
  const methods = methodsOf(scene);
  if (methods.length === 0) return undefined;
  const inputs = new Set(scene.target.columns.filter(({ of }) => of === 'input').map(({ name }) => name));
  const columns = report.columns.flatMap(({ column, type, status }) =>
    inputs.has(column) && (status === 'compared' || status === 'constant-reference')
      ? [{ name: column, type }]
      : [],
  );
  const names = columns.map(({ name }) => name);
  try {
    const [both] = await bothRows(scene, names, { from: first, to: scene.window.to, rows }, undefined);
    if (both === undefined) return notCompared('the reference has none of the inputs');
    const known = new Set(both.reference.columns.map(({ name }) => name));
    const found = await scene.compute(
      'compareTogether',
      {
        ...both,
        columns: columns.filter(({ name }) => known.has(name)),
        methods,
        alpha: (scene.spec.drift?.alpha ?? 0.05) / looks,
      },
      scene.signal,
    );
    return verdictOf(found);
  } catch (error) {
    if (codeOf(error) !== 'ReferenceUnusable') throw error;
    return notCompared(messageOf(error));
  }
}

/** That all is well is not said where nobody could look. */
function notCompared(why: string): PartVerdict {
  const message = `the inputs were not compared together: ${why}`;
  return { ...nothing('warning', 'NotComparedTogether', message), facts: { together: null } };
}

function verdictOf(found: readonly MultivariateDrift[]): PartVerdict {
  const drifted = found.filter((one) => one.drifted === true);
  const without = found.filter((one) => one.drifted === null);
  const facts = { together: drifted.map(({ method }) => method) };
  const details = { together: found };
  if (drifted.length > 0) {
    const message = `the inputs together drifted: ${drifted.map(shortly).join('; ')}`;
    return { status: 'breached', reason: 'DriftTogether', message, facts, details };
  }
  if (without.length > 0) {
    const reasons = without.map(({ method, reason }) => `${method}: ${reason}`).join('; ');
    return { ...notCompared(reasons), details };
  }
  return { status: 'ok', reason: 'NoDrift', message: 'the inputs together did not drift', facts, details };
}

function shortly({ method, effect, columns = [] }: MultivariateDrift): string {
  const [first] = columns;
  const by = first === undefined ? '' : `, most by ${first.column}`;
  return `${method} ${effect?.toPrecision(2)}${by}`;
}
