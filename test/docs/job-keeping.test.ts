import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EventBus } from '../../core/host/events.ts';
import { PluginHost } from '../../core/host/plugin-host.ts';
import { codeOf } from '../../core/plugin.ts';
import { plugin } from '../../plugins/jobs/index.ts';
import { readConfiguration } from '../../server/configuration.ts';
import { recordingLog } from '../fixtures/recording-log.ts';
import { shownBlock } from '../fixtures/shown-block.ts';
import { until } from '../fixtures/until.ts';
import { type Serving, startServing } from '../plugins/serving/dataplane/fixtures/in-process.ts';
import { linearModel, pin } from '../plugins/serving/dataplane/fixtures/models.ts';
import { deployment, table } from '../plugins/serving/dataplane/fixtures/tables.ts';

const dayMs = 86_400_000;
const shown = shownBlock('plugins/jobs/README.md', 'yaml keep');
const [, days = ''] = /keep: (\d+)d\n/.exec(shown) ?? [];

let folder: string;
let serving: Serving;
let host: PluginHost | undefined;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'switchyard-jobs-readme-'));
  serving = await startServing();
  await serving.follow(table(deployment('linear', [pin(folder, '1.0.0', linearModel(2, 1))])));
});
afterEach(async () => {
  await host?.stop();
  await serving.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** The plugin as a platform has it whose configuration file is this. */
async function start(configuration: string): Promise<void> {
  writeFileSync(join(folder, 'switchyard.config.yaml'), configuration);
  const environment = { HOME: folder };
  const { plugins } = await readConfiguration({ flags: {}, environment, folder, terminal: false });
  const log = recordingLog();
  host = new PluginHost({
    ...{ log, events: new EventBus(log), folder, runs: () => true, wake: () => {} },
    settings: (name) => ({ ...plugins[name], inference: `http://127.0.0.1:${serving.port}` }),
    async *readBlob() {},
  });
  await host.start([{ definition: plugin, options: {} }]);
}

async function ask(path: string, init: RequestInit = {}): Promise<Record<string, unknown>> {
  const request = new Request(`http://localhost/plugins/jobs/${path}`, init);
  const answer = await host!.routes.get('jobs')!(request, path.split('?')[0]!);
  return (await answer!.json()) as Record<string, unknown>;
}

/** Answers the job of one row, once it is done. */
async function done(): Promise<Record<string, unknown>> {
  const headers = { 'content-type': 'text/csv' };
  const { id } = await ask('jobs?deployment=linear', { method: 'POST', headers, body: 'x\n1\n' });
  let job: Record<string, unknown> = {};
  await until(
    async () => {
      job = await ask(`jobs/${id}`);
      return job.state === 'done';
    },
    { deadlineMs: 60_000 },
  );
  return job;
}

describe('the README of jobs', { timeout: 120_000 }, () => {
  it('shows for how long a result is kept', async () => {
    await start(shown);
    const before = Date.now();
    const { expires } = await done();
    const endedAt = Date.parse(String(expires)) - Number(days) * dayMs;
    expect(endedAt).toBeGreaterThanOrEqual(before);
    expect(endedAt).toBeLessThanOrEqual(Date.now());
  });

  it('says that it is gone then', async () => {
    // A test cannot wait for days.
    await start(shown.replace(`${days}d`, '5s'));
    const { id, expires } = await done();
    await until(
      () =>
        ask(`jobs/${id}`).then(
          () => false,
          (error) => codeOf(error) === 'JobNotFound',
        ),
      { deadlineMs: 60_000 },
    );
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(String(expires)));
    await expect(ask(`jobs/${id}/result`, { method: 'POST' })).rejects.toMatchObject({ code: 'JobNotFound' });
  });
});
