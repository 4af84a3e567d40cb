/** What it takes to ask a log of ten million predictions. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { logPaths } from '../plugins/prediction-log/paths.ts';
import { defaultLogSettings } from '../plugins/prediction-log/settings.ts';
import { PredictionStore } from '../plugins/prediction-log/store/prediction-store.ts';
import { type Bench, type BenchOptions, type BenchReport, round } from './report.ts';

export const predictions: Bench = {
  name: 'predictions',
  description: 'what it takes to ask a log of ten million predictions',
  run,
};

const days = 10;
const deployments = ['bird-strike', 'births'] as const;

const questions = [
  {
    name: 'one deployment, one hour',
    sql: `SELECT version, count(*), avg(latency_ms) FROM predictions WHERE deployment = 'bird-strike'
      AND time >= TIMESTAMP '2026-11-05 10:00:00' AND time < TIMESTAMP '2026-11-05 11:00:00' GROUP BY version`,
    limit: 1_000,
  },
  {
    name: 'one deployment, one hour, a mean of an output',
    sql: `SELECT avg((outputs->>'probability')::DOUBLE) FROM predictions WHERE deployment = 'births'
      AND time >= TIMESTAMP '2026-11-07 10:00:00' AND time < TIMESTAMP '2026-11-07 11:00:00'`,
    limit: 1_000,
  },
  {
    name: 'all of it, by deployment and hour',
    sql: `SELECT deployment, date_trunc('hour', time) AS hour, count(*), avg(latency_ms) FROM predictions GROUP BY ALL`,
    limit: 1_000,
  },
] as const;

interface Answered {
  readonly name: string;
  readonly ms: number;
  /** Milliseconds that it may take. */
  readonly limit: number;
}

async function run({ quick, progress }: BenchOptions): Promise<BenchReport> {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-bench-log-'));
  const rows = quick ? 1_000_000 : 10_000_000;
  try {
    const paths = logPaths(folder);
    mkdirSync(paths.inbox, { recursive: true });
    writeFileSync(paths.keyFile, '5e'.repeat(32));
    progress(`${rows} predictions are made, in ${days * deployments.length * 2} files`);
    await makeLog(paths.store, rows);
    const store = await PredictionStore.open({
      paths,
      settings: defaultLogSettings,
      now: Date.now,
      log: (_level, message) => progress(message),
    });
    const measured: Answered[] = [];
    for (const question of questions) {
      let ms = Number.POSITIVE_INFINITY;
      for (let turn = 0; turn < 3; turn++) {
        const begin = performance.now();
        await store.query({ sql: question.sql, limit: 10_000 }, new AbortController().signal);
        ms = Math.min(ms, performance.now() - begin);
      }
      measured.push({ name: question.name, ms, limit: question.limit });
    }
    await store.close();
    return report(rows, measured);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** As the log writes them, but without its inbox. */
async function makeLog(store: string, rows: number): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  const inFile = rows / (days * deployments.length * 2);
  let made = 0;
  for (let day = 1; day <= days; day++) {
    const date = `2026-11-${String(day).padStart(2, '0')}`;
    for (const deployment of deployments) {
      const place = join(
        store,
        'predictions',
        `date=${date}`,
        'environment=production',
        `deployment=${deployment}`,
      );
      mkdirSync(place, { recursive: true });
      for (const half of [0, 1]) {
        const file = join(place, `${1_764_000_000_000 + made}-${made++}-c.parquet`);
        await connection.run(`COPY (
          SELECT uuid()::VARCHAR AS id, 0::INTEGER AS row,
            TIMESTAMP '${date} 00:00:00' + INTERVAL (${half} * 43200000 + range * 43200000 // ${inFile}) MILLISECOND AS time,
            '${deployment}' AS model, CASE WHEN range % 10 = 0 THEN '1.1.0' ELSE '1.0.0' END AS version,
            CASE WHEN range % 10 = 0 THEN 'candidate' ELSE 'stable' END AS variant, repeat('c', 40) AS commit,
            'north' AS tenant, NULL::VARCHAR AS subject,
            '{"speed_knots":' || (range % 300) || ',"phase_of_flight":"Climb","aircraft":"A-320"}' AS inputs,
            '{"probability":' || ((range % 1000) / 1000.0) || '}' AS outputs,
            (range % 7)::DOUBLE AS latency_ms, NULL::VARCHAR AS trace, '0' AS process
          FROM range(${inFile}) ORDER BY time
        ) TO '${file}' (FORMAT parquet, COMPRESSION zstd)`);
      }
    }
  }
  connection.disconnectSync();
  instance.closeSync();
}

function report(rows: number, measured: readonly Answered[]): BenchReport {
  return {
    tables: [
      {
        title: `Questions to a log of ${rows / 1e6} million predictions, milliseconds, the best of 3`,
        columns: ['question', 'milliseconds'],
        rows: measured.map(({ name, ms }) => [name, round(ms)]),
      },
    ],
    numbers: Object.fromEntries(measured.map(({ name, ms }) => [name, ms])),
    targets: measured.map(({ name, ms, limit }) => ({
      ...{ name, limit: `<= ${limit} ms`, measured: `${round(ms)} ms`, pass: ms <= limit },
    })),
  };
}
