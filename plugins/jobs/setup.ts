import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { predictionJobs } from '../../core/capabilities/prediction-jobs.ts';
import type { Host } from '../../core/plugin.ts';
import { packageFile } from '../../libraries/package-files/index.ts';
import { jobsExposition } from './metrics.ts';
import { jobRoutes } from './routes.ts';
import { jobSettings } from './settings.ts';
import { WorkerProcess } from './worker-process.ts';

/** What runs of this plugin, apart from its declaration. */
export function setUpJobs(host: Host): void {
  const { log, machine } = host;
  const settings = jobSettings(machine.settings);
  const folder = join(machine.folder, 'jobs');
  const limits = { mostJobs: settings.mostJobs, mostBytes: settings.diskSize };
  host.provide(predictionJobs, 'files', { place: { folder, ...limits } });
  const { inference, fileSize: largestFile } = settings;
  host.routes(jobRoutes({ folder, limits, largestFile, inference }));
  host.metrics(() => jobsExposition(folder));
  host.onStart(async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // Whoever only plans and checks has no inference to ask.
    if (inference === undefined) return;
    const worker = new WorkerProcess({
      program: packageFile('dist/plugins/jobs/worker/main.js'),
      start: {
        folder,
        server: inference,
        keepMs: settings.keepMs,
        mostBytes: settings.diskSize,
        atOnce: settings.atOnce,
      },
      log,
    });
    worker.begin();
    host.onStop(() => worker.close());
  });
}
