/** The control process: kernel, plugins and status API. `switchyard up` starts it, and starts it anew when it dies. */
import { isCodedError, messageOf } from '../core/plugin.ts';
import { createApp } from './api/app.ts';
import { listen } from './api/listen.ts';
import { packageVersion } from './api/package-version.ts';
import { compose } from './compose.ts';
import type { Configuration } from './configuration.ts';
import { createLogger } from './logger.ts';
import { writeRunFile } from './run-file.ts';
import type { Telemetry } from './telemetry/telemetry.ts';
import { warnOfUnusedSettings } from './unused-settings.ts';

/** What the supervisor tells the control process, as JSON in the environment variable `SWITCHYARD_CONTROL`. */
export interface ControlSettings {
  readonly configuration: Configuration;
  /** Base URL of inference: `http://127.0.0.1:8080`. */
  readonly inference: string;
  /** Where gRPC answers, if it does: `127.0.0.1:9000`. */
  readonly grpc?: string;
  readonly supervisor: number;
  /** Where the operator's plugins are looked for. */
  readonly folder: string;
}

/** The exit status that asks the supervisor for a new control process at once. */
export const restartStatus = 75;

async function main(): Promise<void> {
  const settings = JSON.parse(process.env.SWITCHYARD_CONTROL ?? '') as ControlSettings;
  delete process.env.SWITCHYARD_CONTROL;
  const { configuration, inference, grpc, supervisor, folder } = settings;
  let telemetry: Telemetry | undefined;
  const facts = (line: object) => telemetry?.lineFacts(line) ?? {};
  const isTold = Object.keys(process.env).some((name) => name.startsWith('OTEL_'));
  const log = createLogger({ level: configuration.log.level, name: 'control', ...(isTold ? { facts } : {}) });
  const startedAt = new Date().toISOString();

  let isStopping = false;
  let stop = async (): Promise<void> => {};
  const end = (status: number) => {
    if (isStopping) return;
    isStopping = true;
    stop().then(
      () => process.exit(status),
      (thrown) => {
        log.error({ error: messageOf(thrown) }, 'the control process did not stop cleanly');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => end(0));
  process.on('SIGINT', () => end(0));
  process.on('disconnect', () => end(0));

  try {
    // Loaded where it is asked for alone.
    if (isTold) {
      const { openTelemetry } = await import('./telemetry/telemetry.ts');
      telemetry = openTelemetry({ environment: process.env, version: packageVersion(), log });
    }
    const composition = await compose({
      configuration: withInference(configuration, inference),
      log,
      folder,
      environment: process.env,
      restart: () => end(restartStatus),
      ...(telemetry === undefined ? {} : { telemetry }),
    });
    stop = composition.close;
    const { kernel } = composition;
    warnOfUnusedSettings(configuration.plugins, kernel.plugins(), log);
    const app = createApp({
      kernel,
      log,
      ...configuration.api,
      token: process.env.SWITCHYARD_API_TOKEN,
      host: configuration.host,
    });
    const server = await listen(app, { host: configuration.host, port: configuration.apiPort });
    stop = async () => {
      await server.close();
      await composition.close();
      await telemetry?.close();
    };
    await writeRunFile({
      pid: supervisor,
      startedAt,
      repository: configuration.repository,
      reference: kernel.head().reference,
      api: server.url,
      inference,
      ...(grpc === undefined ? {} : { grpc }),
      dataFolder: configuration.dataFolder,
    });
    log.info({ api: server.url, inference }, 'control is up');
    process.send?.({ type: 'control-ready', api: server.url });
  } catch (thrown) {
    const facts = isCodedError(thrown)
      ? { code: thrown.code, error: thrown.message, where: thrown.where, hint: thrown.hint }
      : { error: messageOf(thrown) };
    log.error(facts, 'the control process cannot start');
    process.send?.({ type: 'control-failed', ...facts });
    await stop();
    process.exitCode = 1;
    process.disconnect?.();
  }
}

/** The plugin that works jobs is to know where predictions are made. */
function withInference(configuration: Configuration, inference: string): Configuration {
  const { plugins } = configuration;
  return { ...configuration, plugins: { ...plugins, jobs: { ...plugins.jobs, inference } } };
}

await main();
