/** Profiles of many predictions: hour by hour, so that what was counted once is not counted again. */
import type { PredictionProfile, ProfileQuestion } from '../../../core/capabilities/prediction-profile.ts';
import { logQueryInvalid } from '../../../core/capabilities/prediction-sink-errors.ts';
import { breather } from '../../../libraries/breather/index.ts';
import { type Cell, isMissing, numberOf } from '../../../libraries/data-file/index.ts';
import {
  mergeProfiles,
  type Profile,
  ProfileError,
  Profiler,
  readProfile,
  writeProfile,
} from '../../../libraries/profile/index.ts';
import type { StoreCore } from './core.ts';
import { rowsOf } from './duck.ts';
import { inTime } from './in-time.ts';
import type { KeptProfiles } from './kept-profiles.ts';
import { countsSql, hourMs, newestSql, type Span, valuesSql } from './profile-sql.ts';

interface HourCount {
  readonly hour: number;
  readonly rows: number;
  readonly mark: string;
  readonly first: number;
  readonly last: number;
}

/** Until an hour is taken to be complete: what inference processes still hold comes within seconds. */
const settleMs = 60_000;
const placeName = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const mostColumns = 4_096;

export async function profile(
  core: StoreCore,
  kept: KeptProfiles,
  asked: ProfileQuestion,
  signal: AbortSignal,
): Promise<PredictionProfile> {
  check(asked);
  const reference = asked.reference === undefined ? undefined : referenceIn(asked.reference);
  const ask = <Row>(sql: string) => askRows<Row>(core, sql, signal);
  let question = asked;
  if (asked.newest !== undefined) {
    const [{ time } = { time: null }] = await ask<{ time: number | null }>(newestSql(asked, asked.newest));
    question = { ...asked, from: time ?? asked.to };
  }
  const counts = await ask<HourCount>(countsSql(question));
  const about = {
    rows: counts.reduce((sum, { rows }) => sum + rows, 0),
    first: counts[0]?.first ?? null,
    last: counts.at(-1)?.last ?? null,
  };
  const scene = { core, kept, question, reference, signal };
  const { profile: made, read } = await (reference === undefined
    ? profileSpan(scene, question)
    : profileHours({ ...scene, reference }, counts));
  return { ...about, rows: made.rows, profile: writeProfile(made), read };
}

interface Scene {
  readonly core: StoreCore;
  readonly kept: KeptProfiles;
  readonly question: ProfileQuestion;
  readonly reference: Profile | undefined;
  readonly signal: AbortSignal;
}

interface Made {
  readonly profile: Profile;
  /** Rows that were read for it. */
  readonly read: number;
}

/** Hours that are whole and over come from where they are kept; what lies between them is read. */
async function profileHours(
  scene: Scene & { readonly reference: Profile },
  counts: readonly HourCount[],
): Promise<Made> {
  const { core, kept, question, reference, signal } = scene;
  const { from, to } = question;
  const { generation } = kept;
  const completeUntil = Math.min(to, core.now() - settleMs);
  const breathe = breather(signal);
  let whole = new Profiler<Cell>(cells, reference).profile();
  let read = 0;
  for (const { hour, mark } of counts) {
    await breathe();
    const span = { from: Math.max(from, hour * hourMs), to: Math.min(to, (hour + 1) * hourMs) };
    const isWhole = span.to - span.from === hourMs && span.to <= completeUntil;
    let part = isWhole ? await kept.get(question, hour, mark) : undefined;
    if (part === undefined) {
      const made = await profileSpan(scene, span);
      read += made.read;
      part = made.profile;
      if (isWhole) await kept.put(question, hour, { mark, profile: part, generation });
    }
    whole = mergeProfiles(whole, part);
  }
  return { profile: whole, read };
}

const cells = { isMissing, numberOf };

/** Reads a stretch of time. */
async function profileSpan({ core, question, reference, signal }: Scene, span: Span): Promise<Made> {
  const names = question.columns.map(({ name }) => name);
  const sql = valuesSql(question, span);
  const profiler = await core.repairing(
    () =>
      core.reading((connection) =>
        inTime(connection, { ms: core.settings.queryTimeoutMs, signal }, async () => {
          const counting = new Profiler<Cell>(cells, reference);
          const breathe = breather(signal);
          const result = await connection.stream(sql);
          for await (const rows of result.yieldRows()) {
            counting.add(names, rows as readonly (readonly Cell[])[]);
            await breathe();
          }
          return counting;
        }),
      ),
    sql,
  );
  return { profile: profiler.profile(), read: profiler.rows };
}

function askRows<Row>(core: StoreCore, sql: string, signal: AbortSignal): Promise<readonly Row[]> {
  return core.repairing(
    () =>
      core.reading((connection) =>
        inTime(connection, { ms: core.settings.queryTimeoutMs, signal }, () => rowsOf<Row>(connection, sql)),
      ),
    sql,
  );
}

function check({ environment, deployment, from, to, newest, columns }: ProfileQuestion): void {
  if (!placeName.test(environment) || !placeName.test(deployment))
    throw logQueryInvalid('its environment or deployment cannot be one');
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from > to)
    throw logQueryInvalid('its time begins after its end, or is no whole number of milliseconds');
  if (newest !== undefined && (!Number.isSafeInteger(newest) || newest < 1))
    throw logQueryInvalid('the newest rows are a whole number from 1 on');
  if (columns.length === 0 || columns.length > mostColumns)
    throw logQueryInvalid(`it asks for ${columns.length} columns: from 1 to ${mostColumns} can be`);
  if (new Set(columns.map(({ name }) => name)).size < columns.length)
    throw logQueryInvalid('two of its columns have one name');
}

function referenceIn(text: string): Profile {
  try {
    return readProfile(text);
  } catch (error) {
    if (error instanceof ProfileError) throw logQueryInvalid(`its reference: ${error.message}`);
    throw error;
  }
}
