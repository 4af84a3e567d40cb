/** A real Prometheus with a folder and a port of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../fixtures/free-port.ts';

export interface RunningPrometheus {
  readonly url: string;
  /** What it keeps of a query's exemplars. */
  exemplars(query: string): Promise<readonly ExemplarsOfSeries[]>;
  kill(): Promise<void>;
  close(): Promise<void>;
}

export interface ExemplarsOfSeries {
  readonly seriesLabels: Readonly<Record<string, string>>;
  readonly exemplars: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly value: string;
  }[];
}

/** Starts it with that `prometheus.yml`, and gives back at once. */
export async function runPrometheus(
  configuration: string,
  ...flags: readonly string[]
): Promise<RunningPrometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-prometheus-'));
  const port = await freePort();
  const file = join(folder, 'prometheus.yml');
  await writeFile(file, configuration);
  const child = spawn(
    'prometheus',
    [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      ...flags,
    ],
    { stdio: 'ignore' },
  );
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    async exemplars(query) {
      const now = Date.now() / 1000;
      const asked = new URLSearchParams({ query, start: String(now - 600), end: String(now + 60) });
      const answer = await fetch(`${url}/api/v1/query_exemplars?${asked}`);
      return ((await answer.json()) as { data: readonly ExemplarsOfSeries[] }).data;
    },
    kill: () => ended(child),
    async close() {
      await ended(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}
