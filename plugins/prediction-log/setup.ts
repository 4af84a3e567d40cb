import { mkdir, readdir } from 'node:fs/promises';
import { predictionSink, type SinkStatus } from '../../core/capabilities/prediction-sink.ts';
import type { Registry } from '../../core/capabilities/registry.ts';
import { type Secrets, secretReader } from '../../core/capabilities/secrets.ts';
import { type Host, messageOf, type Providers } from '../../core/plugin.ts';
import { packageFile } from '../../libraries/package-files/index.ts';
import { BucketKeys } from './bucket-keys.ts';
import { bucketCredentials } from './bucket-settings.ts';
import { declaredLogging } from './declared-logging.ts';
import { ensureKey } from './key.ts';
import { LogProcess } from './log-process.ts';
import { logExposition } from './metrics.ts';
import { logPaths } from './paths.ts';
import { logRoutes } from './routes.ts';
import { logSettings } from './settings.ts';
import { EmbeddedSink } from './sink.ts';
import type { GivenCredentials } from './store/messages.ts';
import type { DeploymentRules } from './store/state.ts';

export interface LogGiven {
  readonly registries: Providers<Registry>;
  readonly secrets: Providers<Secrets>;
}

/** What runs of this plugin, apart from its declaration. */
export function setUpPredictionLog(host: Host, { registries, secrets }: LogGiven): void {
  const { log, machine } = host;
  const settings = logSettings(machine.settings);
  const paths = logPaths(machine.folder);
  let rules: Readonly<Record<string, DeploymentRules>> = {};
  const keeper = new LogProcess({
    program: packageFile('dist/plugins/prediction-log/store/main.js'),
    folder: machine.folder,
    paths,
    settings,
    log,
    greeting: () => [
      { type: 'declare', rules },
      ...(keys === undefined ? [] : [{ type: 'credentials' as const, credentials: keys.known }]),
    ],
  });
  const keys = keysOf(host, secrets, (credentials) => keeper.say({ type: 'credentials', credentials }));
  const sink = new EmbeddedSink(keeper, paths);
  host.provide(predictionSink, 'embedded', sink);
  host.routes(
    logRoutes({
      sink,
      record: (entry) => registries.get('registry').record(entry),
    }),
  );
  let known: SinkStatus | undefined;
  host.metrics(async () => {
    // A log that does not answer must not keep anybody from the metrics of all others.
    const fresh = keeper.isReady ? await soon(sink.status()) : undefined;
    known = fresh ?? known;
    return known === undefined
      ? ''
      : logExposition(known, { isUp: fresh !== undefined, starts: keeper.starts });
  });

  host.onStart(async () => {
    await mkdir(paths.inbox, { recursive: true, mode: 0o700 });
    await ensureKey(paths.keyFile);
    await keys?.look();
    // What an earlier platform left is to be looked after, also where nothing is logged any more.
    const left = [...(await readdir(paths.inbox)), ...(await readdir(paths.store).catch(() => []))];
    if (left.length > 0 || settings.bucket !== undefined) keeper.start();
  });
  host.on('snapshot.applied', ({ commit }) => {
    void registries
      .get('registry')
      .examine(commit)
      .then(({ resources }) => {
        rules = declaredLogging(resources.values());
        if (Object.keys(rules).length > 0) keeper.start();
        keeper.say({ type: 'declare', rules });
      })
      .catch((error: unknown) =>
        log.warn({ commit, error: messageOf(error) }, 'what is to be kept cannot be read'),
      );
  });
  const [store] = secrets.names();
  if (keys !== undefined && store !== undefined)
    host.onStop(secrets.get(store).onRotation(() => void keys.look()));
  host.onStop(() => {
    keys?.stop();
    return keeper.close();
  });
}

function keysOf(
  { machine }: Host,
  secrets: Providers<Secrets>,
  tell: (credentials: GivenCredentials) => void,
): BucketKeys | undefined {
  if (machine.settings.bucket === undefined) return undefined;
  const sources = { environment: process.env, ...secretReader(secrets) };
  const read = bucketCredentials(machine.settings.bucket, sources);
  return new BucketKeys(read, tell);
}

const patienceMs = 2_000;

/** Undefined where there is no answer in time, or none at all. */
async function soon<Answer>(answer: Promise<Answer>): Promise<Answer | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, patienceMs, undefined);
  });
  try {
    return await Promise.race([answer.catch(() => undefined), late]);
  } finally {
    clearTimeout(timer);
  }
}
