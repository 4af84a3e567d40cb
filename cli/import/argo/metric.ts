import { translateConditions } from '../condition/translate-conditions.ts';
import { Untranslatable } from '../condition/untranslatable.ts';
import { goDuration, ourDuration } from '../durations.ts';
import type { Fields } from '../fields.ts';
import type { Metric } from '../manifest.ts';
import { nameLike } from '../names.ts';
import { conditionUntranslatable, noEqual, sourceInvalid } from '../report.ts';
import { type DeclaredArguments, withDefaults, withOurNames } from './arguments.ts';
import { providerOf } from './provider.ts';

/** Nothing new can be seen more often. */
const shortestInterval = 1_000;

/** One metric of an AnalysisTemplate. Throws a refusal that names the field. */
export function metricOf(
  fields: Fields,
  to: string,
  known: DeclaredArguments,
  isDryRun: (name: string) => boolean,
): Metric {
  const written = fields.text('name');
  const name = nameLike(written ?? '');
  if (written === undefined || name === '') throw sourceInvalid(fields.at('name'), 'it is missing');
  if (name === written) fields.imported('name', `${to}.name`);
  else fields.note('name', 'changed', `it is called ${name}`, `${to}.name`);
  if (fields.has('consecutiveSuccessLimit')) {
    throw noEqual(
      fields.at('consecutiveSuccessLimit'),
      'a metric that is good as soon as enough measurements in a row are has no equal',
      'Use count, with failureLimit or consecutiveFailureLimit.',
    );
  }
  const { provider, shape } = providerOf(fields, `${to}.provider`, known);
  const judged = conditionsOf(fields, to, known, shape);
  const isUnjudged = judged.successCondition === undefined && judged.failureCondition === undefined;
  if (isUnjudged) {
    fields.note('provider', 'changed', 'without a condition it is a dry run: measured, without a say', to);
  }
  const interval = durationOf(fields, 'interval', to, known, shortestInterval);
  const initialDelay = durationOf(fields, 'initialDelay', to, known);
  const metric: Metric = {
    name,
    ...(interval === undefined ? {} : { interval }),
    ...(initialDelay === undefined ? {} : { initialDelay }),
    ...countsOf(fields, to, known),
    ...judged,
    ...(isUnjudged || isDryRun(written) ? { dryRun: true } : {}),
    provider,
  };
  fields.finish();
  return metric;
}

type Judged = Pick<Metric, 'successCondition' | 'failureCondition' | 'noData'>;

function conditionsOf(
  fields: Fields,
  to: string,
  known: DeclaredArguments,
  shape: 'number' | 'document',
): Judged {
  const read = (field: 'successCondition' | 'failureCondition') => {
    const text = fields.text(field);
    return text === undefined || text.trim() === '' ? undefined : withOurNames(text, fields.at(field), known);
  };
  const written = {
    successCondition: read('successCondition'),
    failureCondition: read('failureCondition'),
  };
  try {
    const { conditions, noData, remarks } = translateConditions(written, shape);
    const judged: Judged = {};
    let told = remarks;
    for (const field of ['successCondition', 'failureCondition'] as const) {
      const cel = conditions[field];
      if (cel === undefined) continue;
      judged[field] = cel;
      const isSame = cel.replaceAll(' ', '') === written[field]?.replaceAll(' ', '');
      const notes = [...(isSame ? [] : [`in CEL: ${cel}`]), ...told];
      const outcome = told.length > 0 ? 'changed' : 'imported';
      fields.note(field, outcome, notes.length > 0 ? notes.join('; ') : undefined, `${to}.${field}`);
      told = [];
    }
    return {
      ...judged,
      ...(noData === undefined ||
      (shape === 'document' &&
        written.successCondition === undefined &&
        written.failureCondition === undefined)
        ? {}
        : { noData }),
    };
  } catch (thrown) {
    if (thrown instanceof Untranslatable) {
      throw conditionUntranslatable(fields.at(thrown.field), thrown.message, thrown.hint);
    }
    throw thrown;
  }
}

function durationOf(
  fields: Fields,
  name: string,
  to: string,
  known: DeclaredArguments,
  shortest = 0,
): string | undefined {
  const written = fields.text(name);
  if (written === undefined || written === '') return undefined;
  const text = withDefaults(written, fields.at(name), known);
  const milliseconds = goDuration(text);
  if (milliseconds === undefined) throw sourceInvalid(fields.at(name), `"${text}" is no duration`);
  const { text: ours } = ourDuration(Math.max(shortest, milliseconds));
  const isChanged = milliseconds < shortest || text !== written;
  const note = isChanged
    ? `it is ${ours}: ${text === written ? 'nothing is seen more often' : 'the default of its argument'}`
    : undefined;
  fields.note(name, isChanged ? 'changed' : 'imported', note, `${to}.${name}`);
  return ours;
}

const counts = ['count', 'failureLimit', 'inconclusiveLimit', 'consecutiveErrorLimit'] as const;

function countsOf(
  fields: Fields,
  to: string,
  known: DeclaredArguments,
): Partial<Record<(typeof counts)[number], number>> {
  const found: Partial<Record<(typeof counts)[number], number>> = {};
  for (const name of counts) {
    const written = fields.written(name);
    if (written === undefined) continue;
    const text = withDefaults(written, fields.at(name), known);
    const count = Number(text);
    if (!Number.isSafeInteger(count)) throw sourceInvalid(fields.at(name), `"${text}" is no whole number`);
    if (name === 'failureLimit' && count < 0) {
      throw noEqual(fields.at(name), 'a metric whose failures have no limit has no equal');
    }
    const isUnlimited = name === 'count' && count === 0;
    if (!isUnlimited) found[name] = count;
    const note = text === written ? undefined : `it is ${text}, the default of its argument`;
    fields.note(name, text === written ? 'imported' : 'changed', note, `${to}.${name}`);
  }
  return found;
}
