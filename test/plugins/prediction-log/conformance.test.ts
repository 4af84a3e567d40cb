import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageFile } from '../../../libraries/package-files/index.ts';
import { ensureKey } from '../../../plugins/prediction-log/key.ts';
import { LogProcess } from '../../../plugins/prediction-log/log-process.ts';
import { logPaths } from '../../../plugins/prediction-log/paths.ts';
import { defaultLogSettings, type LogSettings } from '../../../plugins/prediction-log/settings.ts';
import { EmbeddedSink } from '../../../plugins/prediction-log/sink.ts';
import type { ToLog } from '../../../plugins/prediction-log/store/messages.ts';
import { predictionSinkSuite, type SinkUnderTest } from '../../conformance/prediction-sink.ts';
import { recordingLog } from '../../fixtures/recording-log.ts';
import { S3Server, s3Keys } from '../../fixtures/s3-server.ts';
import { until } from '../../fixtures/until.ts';

/** No test is to wait until a question is given up. */
const settings = { ...defaultLogSettings, memory: 256 * 1024 ** 2, queryTimeoutMs: 600_000 };

predictionSinkSuite('embedded', () => open(settings));

// All goes into files and out of this machine as soon as can be.
predictionSinkSuite('with a bucket', async () => {
  const server = await S3Server.start();
  const bucket = {
    ...{ endpoint: server.endpoint, bucket: 'logs', prefix: '', region: 'us-east-1', pathStyle: true },
    ...{ cacheSize: 200_000, timeoutMs: 10_000 },
  };
  const greeting = (): ToLog[] => [{ type: 'credentials', credentials: s3Keys }];
  const subject = await open({ ...settings, writeEveryMs: 100, bucket }, greeting);
  return {
    ...subject,
    bytes: () => Buffer.concat([subject.bytes(), server.bytes()]),
    async close() {
      await subject.close();
      await server.stop();
    },
  };
});

async function open(given: LogSettings, greeting: () => ToLog[] = () => []): Promise<SinkUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-log-'));
  const paths = logPaths(folder);
  await mkdir(paths.inbox, { recursive: true });
  await ensureKey(paths.keyFile);
  const keeper = new LogProcess({
    program: packageFile('dist/plugins/prediction-log/store/main.js'),
    folder,
    paths,
    settings: given,
    log: recordingLog(),
    greeting,
    firstRestartMs: 1,
  });
  return {
    sink: new EmbeddedSink(keeper, paths),
    async kill() {
      const { pid, starts } = keeper;
      if (pid === undefined) throw new Error('nothing runs that could be killed');
      process.kill(pid, 'SIGKILL');
      await until(() => keeper.starts > starts && keeper.isReady);
    },
    damage(deployment) {
      const files = readdirSync(paths.store, { recursive: true }).map((name) =>
        join(paths.store, String(name)),
      );
      for (const path of files) {
        if (!path.includes(`deployment=${deployment}/`) || !path.endsWith('.parquet')) continue;
        const bytes = readFileSync(path);
        if (bytes.length > 0) writeFileSync(path, bytes.fill(0xff, 4, bytes.length - 60));
      }
    },
    bytes() {
      const files = readdirSync(folder, { recursive: true }).map((name) => join(folder, String(name)));
      return Buffer.concat(files.filter((path) => statSync(path).isFile()).map((path) => readFileSync(path)));
    },
    async close() {
      await keeper.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
